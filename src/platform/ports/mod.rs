//! Who holds a TCP port, how to say it, and how to free it when a person asks for that.

mod client;
mod free;
mod holder;
mod inspector;
mod lsof;
mod netstat;
mod origin;
#[cfg(target_os = "linux")]
mod proc_fs;
mod proc_net;
mod report;
mod unit;
mod victims;

pub use client::{Client, client};
pub use free::{FreeError, Freed, Survey};
pub use holder::{HolderProcess, PortHolder};
pub use inspector::{InspectError, PortInspector, holders, listened, native};
pub use lsof::Lsof;
pub use netstat::Netstat;
pub use origin::{Origin, manager_of};
pub use report::{describe, port_in_use_message, without_secrets};
pub use victims::Untouchable;
