//! The development harness: seeding, watching, supervision. Never imports `gateway`; the two share the
//! executable and the types in [`ipc`].

pub mod ipc;
mod seed;
pub mod supervisor;
pub mod watch;

pub use seed::SeedReport;
