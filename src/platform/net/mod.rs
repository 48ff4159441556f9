//! Listening sockets and network interfaces: facts and system calls, no decision about which address to use.

mod absence;
mod changes;
mod inherited;
mod interfaces;
mod listen;

pub use absence::notice_absence;
pub use changes::InterfaceChanges;
pub use inherited::{ENV_COUNT, ENV_NAMES, ENV_PID, FIRST_FD, InheritError, inherited};
pub use interfaces::{Interface, interfaces};
pub use listen::{bind, free_port, is_taken};
