//! Who holds a TCP port, and how to say it. Only looks; freeing a port is somebody else's decision.

mod holder;
mod origin;
mod proc_net;
mod report;

pub use holder::{HolderProcess, PortHolder, holders};
pub use origin::Origin;
pub use report::port_in_use_message;
