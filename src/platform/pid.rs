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
