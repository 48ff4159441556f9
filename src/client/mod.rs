//! WebSocket client for `health` and `call`, with the device identity files of the published CLI.
//!
//! [`connect`] performs the whole handshake and returns a [`Connection`]; nothing runs in the background, the
//! socket is read while [`Connection::request`] or [`Connection::next_event`] waits. Knows nothing about printing
//! and exit codes.

mod connect;
mod connection;
mod error;
pub mod identity;
mod options;
pub mod target;
pub mod tokens;
mod wire;

pub use connect::{connect, probe};
pub use connection::{Connection, EventFrame};
pub use error::ClientError;
pub use identity::{DeviceIdentity, IdentityError};
pub use options::ConnectOptions;
pub use tokens::TokenStore;

#[cfg(test)]
mod tests;
