//! The canvas (`wire-protocol` E.7): pages of the workspace for browsers and nodes, told when they change.
//!
//! - `address`: what a request path means. Pure.
//! - `page`: what is put into pages, and the page for an empty canvas. Pure.
//! - `files`: what lies below the root.
//! - `changes`: one watcher, while somebody listens.
//! - `listener`: the WebSocket of a page.

mod address;
mod changes;
mod files;
mod listener;
mod page;

pub(crate) use address::{Address, address, base_url, is_socket, names, seen};
pub(crate) use changes::Changes;
pub(crate) use files::{Content, Lookup, Served, Source, look_up};
pub(crate) use listener::run;
pub(crate) use page::EMPTY;
