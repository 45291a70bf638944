pub mod collateral;
pub mod insurance;
pub mod outage;
pub mod registration;
pub mod slash;
pub mod standing;
