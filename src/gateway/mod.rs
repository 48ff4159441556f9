//! The gateway itself: listeners, connections, handshake, RPC, events, state services.
//!
//! Life of one: [`Standby::prepare`] loads everything and accepts nothing; [`Standby::activate`] takes the
//! state lock and accepts; [`Running::quiesce`] stops accepting, flushes, and releases the state;
//! [`Running::goodbye`] tells the clients and closes. The same four steps serve the foreground command and the
//! development harness, which runs them in two processes that overlap.

mod connection;
pub mod devices;
mod drain;
mod events;
mod presence;
mod start;

pub use start::{GatewayInit, Running, Standby, StartError, StartupReport};
