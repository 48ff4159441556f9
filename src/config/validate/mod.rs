//! Validation: a document against the table of every key that a configuration may have.
//!
//! Pure. The table (`tables`) is declarative and complete for every section but `channels` and the `config` of
//! plugins and skills, whose keys belong to their plugins: there, only the outer type is checked. Keys, types, and the
//! wording of problems are those of the published program, so that a configuration that it accepts is accepted here.
//! Accepted besides: `gateway.customBindHost`, `gateway.controlUi.{allowedOrigins,root}`, and a plain text as
//! `agents.defaults.model`.

mod at;
mod check;
mod cross;
mod describe;
mod json_schema;
mod kind;
mod moved;
mod nearest;
mod tables;
mod ui_hints;
mod wording;

pub use at::is_known;
pub(super) use at::wants_text;
pub(super) use check::validate;
pub use json_schema::{json_schema, resolved_json_schema};
pub(crate) use moved::misplaced_keys;
pub use ui_hints::ui_hints;
