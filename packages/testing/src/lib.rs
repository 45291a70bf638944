//! The suite under test: deployed as a whole on cw-multi-test, driven by verbs or at random, checked against the invariants of the
//! design after every step. The checker also reads the state of a live chain.

pub mod cases;
pub mod crowd;
pub mod invariants;
pub mod markdown;
pub mod messages;
pub mod meter;
pub mod node;
pub mod puppet;
pub mod random;
pub mod snapshot;
pub mod verbs;
pub mod wealth;
pub mod world;
