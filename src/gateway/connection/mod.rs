//! One client's connection, from the upgraded socket to its close.
//!
//! `handshake` decides and is pure; `welcome` carries the decision out; `task` moves frames; `outbound` holds
//! what waits to be sent; `tape` is what is recorded.

pub mod handshake;
mod outbound;
mod received;
mod tape;
mod task;
mod welcome;

pub(crate) use outbound::{LINGER, Outbound};
pub(crate) use task::{Socket, run, swallow};
