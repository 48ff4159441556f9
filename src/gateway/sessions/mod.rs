//! Sessions as the stores on disk have them (`wire-protocol` D.4, disk format of D.9). Everything that
//! reads or writes a file blocks and is for another thread than the runtime's: a store may be megabytes. Who may
//! ask for what is not decided here.

mod archive;
mod delivery;
mod document;
mod edit;
mod entry;
mod group;
mod history;
mod inject;
mod key;
mod levels;
mod list;
mod model;
mod patch;
mod preview;
mod reset;
mod resolve;
mod row;
mod store;
mod summary;
mod tail;
mod transcript;
mod words;

pub(crate) use archive::{Compacted, OutsideError, compact, put_away, transcript_of};
pub(crate) use document::{Document, StoreError};
pub(crate) use history::history;
pub(crate) use inject::inject;
pub(crate) use key::SessionKey;
pub(crate) use list::{Filter, list};
pub(crate) use model::ModelRules;
pub(crate) use patch::{Context as PatchContext, PatchError, apply as patch};
pub(crate) use preview::{Item, preview};
pub(crate) use reset::reset;
pub(crate) use resolve::{Wanted, resolve};
pub(crate) use row::append as append_rows;
pub(crate) use store::{Store, Stores};
pub(crate) use summary::{Defaults, recent, status_rows};
