pub mod bid;
pub mod change;
pub mod claim;
pub mod end;
pub mod order;
pub mod params;
pub mod sealed;
pub mod slash;
