//! The configuration file: reading, validation, comparison.
//!
//! `load` reads files and `write` writes one; everything else here is pure.

mod diff;
mod dotenv;
mod dotted;
pub mod edit;
mod issue;
mod load;
mod problem;
pub mod reload;
mod render;
pub mod schema;
mod secret;
mod snapshot;
mod tree;
mod typed;
mod validate;
pub mod write;

pub use diff::{diff, effective_changes};
pub use dotenv::{DotenvIssue, DotenvIssueKind, dotenv};
pub use issue::{Issue, Place};
pub use load::{Document, EnvironmentFault, environment, hash, load};
pub(crate) use load::{load_with_references, references};
pub use render::{DiagnosticKind, DiagnosticLine, render, render_lines};
pub use schema::Config;
pub(crate) use secret::{is_secret_key, url_credentials};
pub use snapshot::{ConfigSnapshot, Outcome};
pub use typed::typed_value;
pub(crate) use validate::misplaced_keys;
pub use validate::{is_known, json_schema, resolved_json_schema, ui_hints};
