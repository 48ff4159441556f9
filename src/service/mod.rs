//! The gateway as a service of the operating system: systemd user units, `LaunchAgents`, Scheduled Tasks.
//!
//! What is installed is computed from values ([`spec`], pure), written as the manager's own definition, and compared
//! with what stands there. Every manager compiles and is tested on every system: commands go through
//! [`crate::platform::exec::CommandRunner`]. Synchronous. Knows `settings` and `profile`, never `gateway`; never prints.

mod definition;
mod error;
mod manager;
mod spec;
mod status;

pub use definition::{Author, Definition};
pub use error::ServiceError;
pub use manager::{ServiceManager, Words};
pub use spec::{ServiceNames, ServiceSpec};
pub use status::{Runtime, ServiceStatus};
