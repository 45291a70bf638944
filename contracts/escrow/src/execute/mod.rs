//! One file per group of actions. Handlers load, call a rule of `leasehold_rules::stream`, save and answer with an event.

pub mod allowance;
pub mod collect;
pub mod deposit;
pub mod hold;
pub mod ibc;
pub mod params;
pub mod stream;
pub mod transfer;
pub mod unpaid;
pub mod withdraw;
