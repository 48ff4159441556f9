//! The gateway as a service of the operating system: systemd user units, `LaunchAgents`, Scheduled Tasks.
//!
//! What is installed is computed from values ([`spec`], pure), written as the manager's own definition, and compared
//! with what stands there. Every manager compiles and is tested on every system: commands go through
//! [`crate::platform::exec::CommandRunner`]. Synchronous. Knows `settings` and `profile`, never `gateway`; never prints.
//!
//! - [`fn@names`]: under which names a manager knows the gateway of a profile.
//! - [`spec`]: what is to run.
//! - [`ServiceManager`]: what can be done with it; [`native`] is the one of this machine.
//! - [`audit`]: how what is installed differs from that.
//! - `systemd`: user units; `launchd`: `LaunchAgents`; [`schtasks`]: Scheduled Tasks.

pub mod audit;
mod before;
mod definition;
mod diff;
mod error;
mod launchd;
mod manager;
mod names;
mod native;
mod patience;
mod printed;
mod said;
pub mod schtasks;
mod serving;
pub mod spec;
mod status;
mod systemd;

pub use definition::{Author, Definition};
pub use diff::Line;
pub use error::ServiceError;
pub use manager::{ByHand, ServiceManager, Words};
pub use names::{ServiceNames, names};
pub use native::native;
pub use spec::{ServiceSpec, System};
pub use status::{Runtime, ServiceStatus};
