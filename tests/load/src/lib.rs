//! A large market on paper, for docs/scale.md; the binary beside it makes one on a real chain.

mod page;
pub mod scale;

pub use page::{grouped, tables, Row, Table};
