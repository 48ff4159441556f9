//! Schemas of what clients send, by subject. The order of the members is the order of the messages.

mod config;
mod connect;
mod devices;
mod sessions;
mod status;

pub use config::*;
pub use connect::*;
pub use devices::*;
pub use sessions::*;
pub use status::*;
