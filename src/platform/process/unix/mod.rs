//! Processes on Unix. What only Linux can do (orphans that come to a chosen ancestor, death with the parent)
//! degrades elsewhere to process groups.

mod attached;
mod children;
mod exec;
mod message;
mod role;
mod spawn;
mod strays;
mod tree;

pub(crate) use attached::{attached, piped, signal_group};
pub(crate) use children::{Children, Happened, Reaped, Target, collect_others, reap, signal};
pub(crate) use exec::{Exec, ExecError};
pub(crate) use message::{receive, send};
pub(crate) use role::{adopt_orphans, ignore_signals, leave_directory, set_name};
pub(crate) use spawn::spawn_in_background;
pub(crate) use strays::{Known, end_strays};
pub(crate) use tree::{descendants, descendants_of};
