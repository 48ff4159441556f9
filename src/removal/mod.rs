//! Takes a profile away, as a whole or in parts: its configuration, credentials, sessions, state, workspaces. For
//! `gateway --dev --reset`, `reset`, and `uninstall`.
//!
//! `survey` looks at the file system, `plan` decides (pure), `perform` locks the profile, asks both, and
//! removes. Either everything on the list is safe to remove, or nothing is touched.

mod error;
mod perform;
mod plan;
mod request;
mod survey;

pub use error::RemovalError;
pub use perform::{Report, check_unused, preview, remove};
pub use plan::{Part, Removal};
pub use request::{Request, Wanted};

#[cfg(test)]
mod tests;
