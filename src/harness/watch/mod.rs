//! Which edits matter: events of the file system → filter → debounce → fingerprint → [`Batch`].

mod batch;
mod debounce;
mod event;
mod filter;
mod fingerprint;
mod handle;
mod limits;
mod mailbox;
mod outbox;
mod own_writes;
mod resolve;
mod rules;
mod signal;
mod source;
mod spec;

pub use batch::{Batch, Cause, Change};
pub use event::WatchEvent;
pub use fingerprint::Fingerprint;
pub use handle::{WatchError, WatchHandle, start};
pub use spec::{Boot, Loaded, Update, WatchSpec};
