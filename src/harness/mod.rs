//! The development harness: seeding, supervision, and gateways around a command. Never imports `gateway`; the two share the
//! executable and the types in [`ipc`].

#[cfg(unix)]
pub mod ephemeral;
pub mod exec;
pub mod fixture;
pub mod ipc;
mod isolation;
#[cfg(unix)]
pub mod keeper;
#[cfg(test)]
pub(crate) mod scratch;
mod seed;
pub mod supervisor;

pub(crate) use isolation::overlap;
pub use isolation::{Escape, check_isolation, check_tls_isolation};
pub use seed::{SeedError, SeedReport, WORKSPACE_FILES, seed};
