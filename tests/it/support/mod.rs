//! What the integration tests and the benchmark share: isolated homes, the real binary, clients, and proof that
//! nothing is left behind.
//!
//! Nothing in here knows the product's code. It starts the program, reads its events, and speaks its protocols,
//! so that a fault in the product cannot hide behind the product's own types.

#[cfg(target_os = "linux")]
pub(crate) mod browser;
#[cfg(unix)]
pub(crate) mod capsule;
#[cfg(target_os = "linux")]
pub(crate) mod control_ui;
pub(crate) mod dice;
#[cfg(target_os = "linux")]
pub(crate) mod driven;
pub(crate) mod edits;
pub(crate) mod events;
#[cfg(unix)]
pub(crate) mod faults;
pub(crate) mod foreground;
#[cfg(unix)]
pub(crate) mod gateway;
#[cfg(unix)]
pub(crate) mod generation;
pub(crate) mod hammer;
pub(crate) mod harness;
pub(crate) mod home;
pub(crate) mod http;
#[cfg(unix)]
pub(crate) mod own_process;
pub(crate) mod peer;
#[cfg(unix)]
pub(crate) mod pids;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod raw;
#[cfg(unix)]
pub(crate) mod recordings;
pub(crate) mod snapshot;
pub(crate) mod tailscale;
#[cfg(target_os = "linux")]
pub(crate) mod terminal;
pub(crate) mod tls;
pub(crate) mod wait;
pub(crate) mod watched;
pub(crate) mod wire;
