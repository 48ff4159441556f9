//! Which edits matter: events of the file system → filter → debounce → fingerprint → [`Batch`].
//!
//! One thread owns everything and never waits for anybody else:
//!
//! ```text
//! source (notify) ─► mailbox ─► sort ─► debounce ─► judge ─► own_writes ─► outbox ─► driver
//!                                │ ▲                 ▲
//!                          anchor, walk        fingerprint, prehash
//! ```
//!
//! - `anchor`, `resolve`: single paths (configuration, `.env`, executable, links) and where they lead.
//! - `walk`, `leave`, `directories`: whole trees, each directory watched first and read afterwards.
//! - `tree`, `rules`, `filter`: which entries of a tree count.
//! - `upkeep`, `limits`: refusals of the system, lost events, and looking regularly where it does not watch.

mod anchor;
mod batch;
mod debounce;
mod directories;
mod event;
mod filter;
mod fingerprint;
mod handle;
mod judge;
mod leave;
mod limits;
mod mailbox;
mod outbox;
mod own_writes;
mod prehash;
mod resolve;
mod rules;
mod signal;
mod sort;
mod source;
mod spec;
mod tree;
mod upkeep;
mod walk;
mod watcher;

pub use batch::{Batch, Cause, Change};
pub use event::WatchEvent;
pub use fingerprint::Fingerprint;
pub use handle::{WatchError, WatchHandle, start};
pub use spec::{Boot, Loaded, Update, WatchSpec};

#[cfg(test)]
mod tests;
