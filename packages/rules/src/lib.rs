//! The market's arithmetic as pure functions: streams, auctions, matching, slashing, liveness.
//!
//! Nothing here touches storage or the chain. The contracts, the agent and the CLI call the same code, so a rule has one
//! meaning everywhere. Overflow is an error, never a wrap.

pub mod alive;
pub mod auction;
pub mod error;
pub mod matching;
pub mod money;
pub mod offer;
pub mod panel;
pub mod resources;
pub mod slash;
pub mod stream;
pub mod vouch;

pub use error::RuleError;
