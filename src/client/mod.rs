//! An async client of a gateway, with the device identity files of the published CLI.
//!
//! - [`connect`] performs the whole handshake and returns a [`Connection`]. Nothing runs in the background: the socket
//!   is read while [`Connection::request`] or [`Connection::next_event`] waits. For one command.
//! - [`Client::connect`] returns a [`Client`] and its [`Events`]. One task reads the socket, and connects again when
//!   the connection ends: after a second, then twice that, up to thirty; within milliseconds when the gateway said that
//!   it restarts. Events that were missed meanwhile follow, where the gateway has them. For programs and tests that
//!   outlive a reload.
//!
//! Every request has a deadline, every queue a bound, and dropping a client ends all of it. Knows nothing about
//! printing and exit codes.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use clawdbot::client::{Client, ConnectOptions, Happening};
//! use serde_json::json;
//!
//! # async fn example() -> Result<(), clawdbot::client::ClientError> {
//! let options = ConnectOptions::cli("ws://127.0.0.1:18789").token("secret");
//! let (client, mut events) = Client::connect(options).await?;
//! let health = client.request("health", json!({}), Duration::from_secs(5)).await?;
//! assert_eq!(health["ok"], true);
//! while let Some(happening) = events.next().await {
//!     match happening {
//!         Happening::Event(event) => drop((event.event, event.payload)),
//!         Happening::Connected(hello) => drop(hello.server.version),
//!         // What was learnt from events may be out of date: ask anew.
//!         Happening::Gap => drop(client.request("node.list", json!({}), Duration::from_secs(5)).await?),
//!         // It tries again by itself, unless `retry_in` is `None`.
//!         Happening::Disconnected { error, .. } => drop(error.to_string()),
//!         _ => break,
//!     }
//! }
//! client.close().await;
//! # Ok(())
//! # }
//! ```

mod backoff;
mod connect;
mod connection;
mod driver;
mod error;
mod events;
mod handle;
pub mod identity;
mod options;
pub mod target;
pub mod tokens;
mod wire;

pub use connect::{connect, greets, probe};
pub use connection::{Connection, EventFrame};
pub use error::ClientError;
pub use events::{Events, Happening};
pub use handle::Client;
pub use identity::{DeviceIdentity, IdentityError};
pub use options::ConnectOptions;
pub use tokens::TokenStore;

#[cfg(test)]
mod tests;
