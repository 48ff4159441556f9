//! One client's connection, from the upgrade to the close frame.

pub mod handshake;
