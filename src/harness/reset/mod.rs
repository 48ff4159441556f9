//! `--reset`: removes the dev profile's configuration, credentials, sessions, and workspace, and nothing else.
//!
//! `survey` looks at the file system, `plan` decides (pure), `perform` locks the profile, asks both, and
//! removes. Either everything on the list is safe to remove, or nothing is touched.

mod error;
mod perform;
mod plan;
mod survey;

pub use error::ResetError;
pub use perform::{ResetReport, ResetRequest, reset};
pub use plan::{Part, Removal};

#[cfg(test)]
mod tests;
