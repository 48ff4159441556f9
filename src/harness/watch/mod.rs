//! Which edits matter: events of the file system → filter → debounce → fingerprint → [`Batch`].

mod batch;
mod event;
mod fingerprint;
mod handle;
mod spec;

pub use batch::{Batch, Cause, Change};
pub use event::WatchEvent;
pub use fingerprint::Fingerprint;
pub use handle::{WatchError, WatchHandle, start};
pub use spec::{Boot, Loaded, Update, WatchSpec};
