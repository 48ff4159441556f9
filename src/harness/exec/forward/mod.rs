//! The public port of a command that binds its own: connections are accepted here, held while there is no command to
//! answer them, and forwarded byte by byte. Knows neither processes nor what is spoken.
//!
//! [`Forwarder`] is the handle, with a thread behind it, so that nothing else of the harness delays a byte;
//! `connection` the life of one connection, `pump` the copying, `decline` the honest end when nobody comes.

mod connection;
mod decline;
mod forwarder;
mod pump;

pub use forwarder::{Forwarder, Target};
