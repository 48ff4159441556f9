//! `sessions.*` (`wire-protocol` D.4), and `chat.inject`, which changes a session as they do.

mod change;
mod delete;
mod inject;
mod list;
mod patch;
mod preview;
mod resolve;

pub(crate) use delete::{compact, delete};
pub(crate) use inject::inject;
pub(crate) use list::list;
pub(crate) use patch::{patch, reset};
pub(crate) use preview::preview;
pub(crate) use resolve::resolve;
