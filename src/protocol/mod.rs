//! Wire types of protocol 3. Pure: no I/O.

pub mod close;
pub mod connect;
pub mod cron;
pub mod error;
pub mod frame;
pub mod hello;
pub mod json;
pub mod limits;
pub mod methods;
pub mod replay;
pub mod role;
pub mod schemas;
pub mod validate;

/// The protocol version this program speaks (`wire-protocol` C.3).
pub const PROTOCOL_VERSION: u64 = 3;
