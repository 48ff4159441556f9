//! `sessions.*` (`wire-protocol` D.4).

mod list;
mod preview;
mod resolve;

pub(crate) use list::list;
pub(crate) use preview::preview;
pub(crate) use resolve::resolve;
