//! The configuration file: reading, validation, comparison.
//!
//! `load` reads files; everything else here is pure.

mod issue;
mod snapshot;

pub use issue::{Issue, Place};
pub use snapshot::{ConfigSnapshot, Outcome};
