//! Starting, ending, and collecting processes. Mechanism only: who is started when, and how long to wait, is
//! decided by the harness.

mod end;
mod exit;
mod other;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use end::end;
pub use exit::ExitReport;
pub use other::{Ending, OtherProcess};
#[cfg(unix)]
pub(crate) use rustix::process::Signal;
#[cfg(unix)]
pub(crate) use unix::{
    Children, Exec, ExecError, Happened, Known, Reaped, Target, adopt_orphans, attached, collect_others,
    descendants, descendants_of, end_strays, ignore_signals, leave_directory, piped, reap, receive, send,
    set_name, signal, signal_group, spawn_in_background,
};
#[cfg(windows)]
pub use windows::Job;
