pub mod collateral;
pub mod registration;
pub mod slash;
pub mod standing;
