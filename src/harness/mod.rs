//! The development harness: seeding and supervision. Never imports `gateway`; the two share the
//! executable and the types in [`ipc`].

pub mod ipc;
mod isolation;
#[cfg(unix)]
pub mod keeper;
mod reset;
#[cfg(test)]
mod scratch;
mod seed;
pub mod supervisor;

pub use isolation::{Escape, check_isolation, check_tls_isolation};
pub use reset::{Part, Removal, ResetError, ResetReport, ResetRequest, reset};
pub use seed::{SeedError, SeedReport, WORKSPACE_FILES, seed};
