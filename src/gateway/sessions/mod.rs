//! Sessions as the stores on disk have them (`wire-protocol` D.4, disk format of D.9). Read only, and off the
//! runtime's thread: a store may be megabytes.

mod entry;
mod list;
mod store;
mod summary;
mod transcript;

pub(crate) use list::{Filter, list};
pub(crate) use store::{Store, Stores};
pub(crate) use summary::{recent, status_rows};
