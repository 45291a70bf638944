//! The registry as its senders see it, on cw-multi-test. The market is an address with published locks and nothing else.

mod books;
mod collateral;
mod frozen;
mod life;
mod permissions;
mod queries;
mod setup;
mod slashing;
