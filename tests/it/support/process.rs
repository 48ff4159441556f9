//! The processes of the machine, to prove that nothing is left behind. Linux: it reads `/proc`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

use super::wait;

/// One process. Its pid may be used again after its end; together with the start time it is unique.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Process {
    /// Process id.
    pub(crate) pid: u32,
    /// Parent.
    pub(crate) parent: u32,
    /// Session.
    pub(crate) session: u32,
    /// Start, in clock ticks since boot.
    pub(crate) started: u64,
    /// Command line, arguments separated by spaces.
    pub(crate) command: String,
}

/// Every process that runs. One that has ended and waits to be reaped by a parent does not run.
pub(crate) fn all() -> Vec<Process> {
    let Ok(folders) = fs::read_dir("/proc") else { return Vec::new() };
    folders.flatten().filter_map(|folder| one(folder.file_name().to_str()?.parse().ok()?)).collect()
}

/// The process `pid`, when it runs.
pub(crate) fn one(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything, parentheses included.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
        command: String::from_utf8_lossy(&command).replace('\0', " ").trim_end().to_owned(),
    })
}

/// `root` and everything that descends from it.
pub(crate) fn tree(root: u32) -> Vec<Process> {
    let all = all();
    let mut family = BTreeSet::from([root]);
    loop {
        let before = family.len();
        family.extend(
            all.iter()
                .filter(|process| family.contains(&process.parent))
                .map(|process| process.pid)
                .collect::<Vec<_>>(),
        );
        if family.len() == before {
            break;
        }
    }
    all.into_iter().filter(|process| family.contains(&process.pid)).collect()
}

/// Everything whose environment was started with `mark`.
pub(crate) fn marked(mark: &str) -> Vec<Process> {
    let needle = mark.as_bytes();
    let carries = |process: &Process| {
        let environment = fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
        environment.windows(needle.len()).any(|window| window == needle)
    };
    all().into_iter().filter(carries).collect()
}

/// Whether `process` still runs.
pub(crate) fn runs(process: &Process) -> bool {
    one(process.pid).is_some_and(|now| now.started == process.started)
}

/// Sends SIGKILL. Only for processes that a test has started.
#[cfg(unix)]
pub(crate) fn kill(process: &Process) {
    if runs(process) {
        signal(process.pid, rustix::process::Signal::KILL);
    }
}

/// Ends a process that a test has started.
#[cfg(not(unix))]
pub(crate) fn kill(_process: &Process) {}

/// Sends SIGKILL to all of them and sees them go, so that nobody writes where the test removes what it made. For a
/// while only: this is for the end of a test, which must not fail twice.
pub(crate) fn end<'a>(processes: impl IntoIterator<Item = &'a Process>) {
    let left: Vec<&Process> = processes.into_iter().inspect(|process| kill(process)).collect();
    let deadline = Instant::now() + Duration::from_secs(2);
    while left.iter().any(|process| runs(process)) && Instant::now() < deadline {
        wait::pass(Duration::from_millis(2));
    }
}

/// Sends a signal; a process that is gone is no error.
#[cfg(unix)]
pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let _ = rustix::process::kill_process(pid.expect("a pid is positive"), signal);
}

/// Processor time used so far by each thread of `pid`, in nanoseconds. By thread, because the time of a thread that
/// ends is no longer told: a sum over all would run backwards.
pub(crate) fn cpu_ns(pid: u32) -> BTreeMap<(u32, u32), u64> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return BTreeMap::new() };
    let of_thread = |folder: fs::DirEntry| {
        let thread = folder.file_name().to_str()?.parse().ok()?;
        let text = fs::read_to_string(folder.path().join("schedstat")).ok()?;
        Some(((pid, thread), text.split_whitespace().next()?.parse().ok()?))
    };
    threads.flatten().filter_map(of_thread).collect()
}

/// Resident memory of `pid` in KiB: all of it, and its share of what is shared.
pub(crate) fn memory_kib(pid: u32) -> (u64, u64) {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    (field("Rss:").unwrap_or(0), field("Pss:").unwrap_or(0))
}

/// Number of inotify watches of `pid`.
pub(crate) fn watches(pid: u32) -> usize {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fdinfo")) else { return 0 };
    let count = |folder: fs::DirEntry| {
        fs::read_to_string(folder.path()).unwrap_or_default().matches("inotify wd:").count()
    };
    descriptors.flatten().map(count).sum()
}

/// What the open descriptors of `pid` stand for, by number.
pub(crate) fn descriptors(pid: u32) -> Vec<(u32, String)> {
    let Ok(folder) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let mut list: Vec<(u32, String)> = folder
        .flatten()
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, target.display().to_string()))
        })
        .collect();
    list.sort();
    list
}
