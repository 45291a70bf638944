//! Every message, query, event, id and published storage key of the Leasehold suite. A dApp that rents compute depends on this
//! crate alone.
//!
//! Wire formats are API: snake_case JSON, amounts as decimal strings, ids as `u64`. Rates are scaled: 10⁻¹² of a denom's smallest
//! unit per second ([`SCALE`]). Times are block time in seconds.

pub mod deployment;
pub mod escrow;
pub mod event;
pub mod genesis;
pub mod governance;
pub mod market;
pub mod pagination;
pub mod provider;
pub mod suite;

pub use leasehold_rules::alive::Liveness;
pub use leasehold_rules::auction::{AuctionMode, Pricing, Quote};
pub use leasehold_rules::matching::Audit;
pub use leasehold_rules::money::{Asset, Denom, BPS, SCALE};
pub use leasehold_rules::offer::{Goods, GpuStock, Stock, StorageStock, Usage};
pub use leasehold_rules::resources::{
    Attribute, Capability, Endpoint, GpuInventory, GpuModel, GpuRequirement, GroupSpec,
    Requirements, ResourceUnit, Volume,
};
pub use leasehold_rules::slash::SlashShares;
pub use leasehold_rules::vouch::{Level, Vouch};
pub use leasehold_rules::{self as rules, RuleError};
pub use suite::Suite;
