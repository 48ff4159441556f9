//! One client's connection, from the upgraded socket to its close.
//!
//! `handshake` decides and is pure; `task` moves frames; `outbound` holds what waits to be sent.

pub mod handshake;
mod outbound;

pub(crate) use outbound::{LINGER, Outbound};
