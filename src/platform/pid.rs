//! Whether a process that a file names is still there.

/// Whether a process with this id exists, ours or not.
///
/// Where the system is not asked (no Unix), the answer is yes: whoever wants to talk to it finds out.
pub fn exists(pid: u32) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, test_kill_process};

        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
        test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
    }
    #[cfg(not(unix))]
    {
        pid != 0
    }
}

/// When a process started, as the system counts it: the same for as long as the process lives, whatever happens to
/// the clock, and another one for the next process of that number. `None` where the system does not tell.
pub fn start_mark(pid: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // Field 22, counted from after the name, which stands in parentheses and may contain any.
        stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = pid;
        None
    }
}

/// When a process started, Unix milliseconds, within a second or so; `None` where the system does not tell.
pub fn started_at_ms(pid: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let ticks = start_mark(pid)?;
        let boot = std::fs::read_to_string("/proc/stat").ok()?;
        let boot: u64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        Some(boot * 1000 + ticks * 1000 / rustix::param::clock_ticks_per_second().max(1))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = pid;
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::exists;

    #[test]
    fn this_process_exists_and_impossible_ones_do_not() {
        assert!(exists(std::process::id()));
        assert!(!exists(0));
        // Above the largest id that Linux hands out (2^22).
        assert!(!exists(0x7fff_fff0));
        assert!(!exists(u32::MAX));
    }
}
