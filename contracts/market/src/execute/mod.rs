pub mod bid;
pub mod claim;
pub mod end;
pub mod offer;
pub mod order;
pub mod params;
pub mod slash;
