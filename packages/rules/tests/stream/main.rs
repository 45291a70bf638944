//! The escrow rule against a reference that walks every second for every payee.

mod cases;
mod property;
mod reference;
mod world;
