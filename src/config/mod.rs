//! The configuration file: reading, validation, comparison.
//!
//! `load` reads files; everything else here is pure.

mod dotted;
mod issue;
mod load;
mod problem;
pub mod schema;
mod secret;
mod snapshot;
mod tree;
mod validate;

pub use issue::{Issue, Place};
pub use load::load;
pub use schema::Config;
pub use snapshot::{ConfigSnapshot, Outcome};
