//! Which edits matter: events of the file system → filter → debounce → fingerprint → [`Batch`].

mod batch;

pub use batch::{Batch, Cause, Change};
