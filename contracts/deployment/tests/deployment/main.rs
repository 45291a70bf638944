//! The contract as tenants see it, on cw-multi-test. Escrow and market are tiny stand-ins that publish records under the real keys and
//! write down what they are told.

mod change;
mod create;
mod frozen;
mod groups;
mod peers;
mod permissions;
mod queries;
mod setup;
