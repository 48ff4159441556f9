//! `clawdbot gateway`: the gateway in the foreground. One process, one set of sockets, and one gateway after another
//! on them: an edit of the configuration is taken over in place where it can be, else by the gateway that follows.
//!
//! - `start`: the first start, with every refusal.
//! - `reading`: files → what a gateway may run with; the same for the first start and for every edit.
//! - `sockets`: binding, and what is said when that fails.
//! - `host`: the loop: signals, edits, addresses.
//! - `follow`: addresses of the machine that come and go.
//! - `edits`, `swap`: what an edit leads to, and the change from one gateway to the next.

mod edits;
mod follow;
mod host;
mod reading;
mod sockets;
mod start;
mod swap;

pub(super) use reading::{Reader, bind_plan};
pub(crate) use start::run;
