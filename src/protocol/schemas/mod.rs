//! Schemas of what clients send, by subject. The order of the members is the order of the messages.

mod approvals;
mod channels;
mod chat;
mod config;
mod connect;
mod cron;
mod devices;
mod nodes;
mod sessions;
mod skills;
mod status;
mod talk;
mod wizard;

use super::validate::Schema;

/// Nothing is to be said.
pub const NO_PARAMS: Schema = Schema::Object(&[]);

pub use approvals::*;
pub use channels::*;
pub use chat::*;
pub use config::*;
pub use connect::*;
pub use cron::*;
pub use devices::*;
pub use nodes::*;
pub use sessions::*;
pub use skills::*;
pub use status::*;
pub use talk::*;
pub use wizard::*;
