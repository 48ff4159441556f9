//! Processes that must end.

use std::fs;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// A process that is alive now. Refers to it for good: another one with its number is another one.
#[derive(Debug)]
pub(crate) struct Alive {
    pub(crate) pid: u32,
    handle: OwnedFd,
}

impl Alive {
    #[track_caller]
    pub(crate) fn new(pid: u32) -> Self {
        let handle = pidfd_open(raw(pid), PidfdFlags::empty());
        Self { pid, handle: handle.unwrap_or_else(|error| panic!("process {pid} is not there: {error}")) }
    }

    #[track_caller]
    pub(crate) fn assert_ends_within(&self, limit: Duration) {
        let limit = Timespec::try_from(limit).unwrap();
        let ended = poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&limit)).unwrap();
        assert_eq!(ended, 1, "process {} is still alive: {}", self.pid, status(self.pid));
    }

    #[track_caller]
    pub(crate) fn assert_alive(&self) {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let ended = poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&now)).unwrap();
        assert_eq!(ended, 0, "process {} has ended", self.pid);
    }

    pub(crate) fn kill(&self) {
        kill_process(raw(self.pid), Signal::KILL).unwrap();
    }
}

#[track_caller]
pub(crate) fn assert_all_end(processes: &[Alive], limit: Duration) {
    let deadline = Instant::now() + limit;
    for process in processes {
        process.assert_ends_within(deadline.saturating_duration_since(Instant::now()));
    }
}

/// Pid of the parent.
pub(crate) fn parent(pid: u32) -> u32 {
    let status = status(pid);
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap();
    line.trim().parse().unwrap()
}

fn status(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default()
}

fn raw(pid: u32) -> Pid {
    Pid::from_raw(pid.cast_signed()).unwrap()
}
