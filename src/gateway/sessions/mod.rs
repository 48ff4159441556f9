//! Sessions as the stores on disk have them (`wire-protocol` D.4, disk format of D.9). Read only, and off the
//! runtime's thread: a store may be megabytes.

mod entry;
mod history;
mod key;
mod list;
mod preview;
mod resolve;
mod store;
mod summary;
mod tail;
mod transcript;
mod words;

pub(crate) use history::history;
pub(crate) use key::SessionKey;
pub(crate) use list::{Filter, list};
pub(crate) use preview::{Item, preview};
pub(crate) use resolve::{Wanted, resolve};
pub(crate) use store::{Store, Stores};
pub(crate) use summary::{recent, status_rows};
