//! The only code that touches the machine: environment, processes, signals, locks, sockets, terminal. Imports
//! nothing of ours. `cfg(target_os)` stands here and nowhere else.

pub mod append;
pub mod atomic;
pub mod clock;
pub mod detach;
pub mod disk;
pub mod editor;
pub mod env;
pub mod exe;
pub mod exec;
pub mod fs;
pub mod git;
pub mod host;
pub mod in_path;
pub mod limits;
pub mod lock;
pub mod net;
pub mod notify;
pub mod permissions;
pub mod pid;
pub mod ports;
pub mod process;
pub mod program;
pub mod real_path;
pub mod regular;
pub mod service_manager;
pub mod signals;
pub mod stamp;
pub mod stdio;
pub mod stirring;
pub mod surroundings;
pub mod tailscale;
pub mod terminal;
pub mod trash;
pub mod tree;
pub mod turn;
