//! Requests of connected clients: the gate, the dispatch, one handler per method.
//!
//! The gate and the table of methods are `protocol::methods`; nothing here decides who may call what.

mod dispatch;
mod methods;
mod payload;

pub(crate) use dispatch::{Caller, encode, perform, serve, waits};
pub(crate) use payload::Payload;
