//! The configuration file: reading, validation, comparison.
//!
//! `load` reads files; everything else here is pure.

mod issue;
pub mod schema;
mod snapshot;

pub use issue::{Issue, Place};
pub use schema::Config;
pub use snapshot::{ConfigSnapshot, Outcome};
