//! The gateway itself: listeners, connections, handshake, RPC, events, state services.
//!
//! Life of one: [`Standby::prepare`] loads everything and accepts nothing; [`Standby::activate`] takes the
//! state lock and accepts; [`Running::quiesce`] stops accepting, flushes, and releases the state;
//! [`Running::goodbye`] tells the clients and closes. The same four steps serve the foreground command and the
//! development harness, which runs them in two processes that overlap.

mod addresses;
pub(crate) mod agents;
mod announced;
mod assistant;
mod canvas;
mod claim;
mod clients;
pub mod connection;
mod context;
mod cron;
pub mod devices;
mod doors;
mod drain;
mod events;
mod exec_approvals;
mod health;
mod heartbeats;
mod hooks;
mod http;
mod idempotency;
mod identity_file;
mod keepalive;
mod listener;
mod live;
pub(crate) mod logs;
mod metrics;
mod nodes;
mod presence;
mod questions;
mod reconfigure;
mod recordings;
pub(crate) mod redact;
mod replay;
mod requests;
mod room;
mod rpc;
pub(crate) mod sessions;
mod shutdown;
mod skills;
mod start;
mod state_file;
pub(crate) mod state_files;
mod system_events;
mod tailnet;
mod throttle;
pub(crate) mod ticket;
mod tools;
mod traffic;
mod tts;
pub(crate) mod usage;
mod voicewake;
mod wizard;

pub use claim::{RuntimeFile, StateClaim};
pub use requests::Request;
pub use shutdown::Running;
pub use start::{GatewayInit, Standby, StartError, StartupReport};

#[cfg(test)]
mod tests;
