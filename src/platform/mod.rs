//! The only code that touches the machine: environment, processes, signals, locks, sockets, terminal. Imports
//! nothing of ours. `cfg(target_os)` stands here and nowhere else.

pub mod atomic;
pub mod env;
pub mod exe;
pub mod lock;
pub mod net;
pub mod ports;
pub mod process;
pub mod signals;
pub mod terminal;
