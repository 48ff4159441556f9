//! What this machine can do, to compare figures of different machines and moods.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Instant;

use crate::stats;

/// Start and end of the smallest program there is, milliseconds, median: figures that are times are divided by
/// it before they are compared with a baseline of another machine.
pub(crate) fn spawn_ms() -> f64 {
    let times: Vec<f64> = (0..60)
        .map(|_| {
            #[expect(clippy::disallowed_methods, reason = "not the program under test")]
            let mut command = std::process::Command::new(if cfg!(windows) { "hostname" } else { "true" });
            let begin = Instant::now();
            let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
            ms(begin)
        })
        .collect();
    stats::median(&times)
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("address").port()
}

/// Milliseconds since `begin`.
pub(crate) fn ms(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e3
}

/// Milliseconds from `begin` to `end`; 0 when `end` is earlier.
pub(crate) fn between(begin: Instant, end: Instant) -> f64 {
    end.saturating_duration_since(begin).as_secs_f64() * 1e3
}

/// A process has a core of its own, and this thread, with those that it starts, has the others. Until dropped, on
/// Linux, where there is more than one core.
#[derive(Debug)]
pub(crate) struct Apart {
    #[cfg(target_os = "linux")]
    before: rustix::thread::CpuSet,
}

#[cfg(target_os = "linux")]
impl Apart {
    /// `None` where that is not possible.
    pub(crate) fn from(process: u32) -> Option<Self> {
        use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

        let before = sched_getaffinity(None).ok()?;
        let own = (0..CpuSet::MAX_CPU).find(|core| before.is_set(*core)).filter(|_| before.count() > 1)?;
        let (mut one, mut others) = (CpuSet::new(), before);
        one.set(own);
        others.unset(own);
        for thread in std::fs::read_dir(format!("/proc/{process}/task")).ok()? {
            let number: i32 = thread.ok()?.file_name().to_str()?.parse().ok()?;
            sched_setaffinity(Pid::from_raw(number), &one).ok()?;
        }
        sched_setaffinity(None, &others).ok()?;
        Some(Self { before })
    }
}

#[cfg(not(target_os = "linux"))]
impl Apart {
    /// Not possible.
    pub(crate) fn from(_process: u32) -> Option<Self> {
        None
    }
}

#[cfg(target_os = "linux")]
impl Drop for Apart {
    fn drop(&mut self) {
        // What cannot be undone slows the rest down, which is seen.
        let _ = rustix::thread::sched_setaffinity(None, &self.before);
    }
}

/// A number below `limit`, different each time. Not for secrets.
pub(crate) fn below(limit: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).expect("randomness");
    u64::from_le_bytes(bytes) % limit
}
