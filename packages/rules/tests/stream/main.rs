//! The escrow rule against a reference that walks every second for every payee.

mod allowance;
mod cases;
mod prepaid;
mod property;
mod reference;
mod reprice;
mod world;
