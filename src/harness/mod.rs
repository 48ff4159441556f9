//! The development harness: seeding, watching, supervision. Never imports `gateway`; the two share the
//! executable and the types in [`ipc`].

pub mod ipc;
pub mod supervisor;
mod seed;
pub mod watch;

pub use seed::SeedReport;
