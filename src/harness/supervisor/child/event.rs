//! What a launch needs and what comes of it.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use crate::harness::ipc::ChildEvent;
use crate::platform::process::ExitReport;
use crate::platform::signals::Passed;

/// A generation to launch.
#[derive(Debug)]
pub struct LaunchSpec {
    /// The executable; not searched for.
    pub program: PathBuf,
    /// Its arguments, the program's own name included.
    pub args: Vec<String>,
    /// Its whole environment.
    pub env: Vec<(String, String)>,
    /// Its working directory; the harness's when absent.
    pub cwd: Option<PathBuf>,
    /// The listening sockets that it inherits, in this order.
    pub listeners: Arc<[TcpListener]>,
    /// Its number, which comes with each of its events.
    pub generation: u64,
    /// What becomes of what it writes.
    pub streams: Streams,
    /// How it is asked to end.
    pub stop: Passed,
    /// A directory that goes with it, also when the harness is killed.
    pub remove: Option<PathBuf>,
}

/// What becomes of what a generation writes.
#[derive(Debug)]
pub enum Streams {
    /// It comes back as events: standard output line by line as [`ChildEvent`]s, standard error as text.
    Events,
    /// It goes where these lead: standard output and error.
    Given([OwnedFd; 2]),
}

/// What a generation's processes do.
///
/// Order: `Started` at most once and first; `Exited` exactly once when there was a `Started`, after every line
/// that the child wrote; `Gone` always, exactly once, and last.
#[derive(Debug)]
pub enum ProcessEvent {
    /// The child runs.
    Started {
        /// Its process id, which is also that of its group and session.
        pid: u32,
    },
    /// It says something.
    Ipc(ChildEvent),
    /// It wrote a line to its standard error; cut at 64 KiB, colours kept.
    Stderr(String),
    /// It wrote a line to its standard output that is no [`ChildEvent`]; the start of it.
    IpcGarbage(String),
    /// It has ended of its own accord and left this many processes behind, which are being killed.
    LeftBehind(usize),
    /// It has ended; what it started is being killed.
    Exited(ExitReport),
    /// The child could not be started, or not be supervised to its end, and why. For people.
    KeeperFailed(String),
    /// Nothing of the generation is left, except what a `KeeperFailed` before this has named.
    Gone,
}
