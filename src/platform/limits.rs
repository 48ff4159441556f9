//! Limits of the process.

/// Allows as many open files as the system lets us have without asking anybody, up to `wanted`; returns the
/// limit that holds then.
#[cfg(unix)]
pub fn allow_open_files(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    let reachable = limit.maximum.unwrap_or(u64::MAX).min(wanted);
    if reachable <= current {
        return current;
    }
    let raised = Rlimit { current: Some(reachable), maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_ok() { reachable } else { current }
}

/// There is no such limit.
#[cfg(not(unix))]
pub fn allow_open_files(wanted: u64) -> u64 {
    wanted
}

/// Whether the system lets this user watch one more directory: it is tried.
#[cfg(target_os = "linux")]
pub fn try_to_watch(directory: &std::path::Path) -> std::io::Result<()> {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    let watcher = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    add_watch(&watcher, directory, WatchFlags::CREATE)?;
    Ok(())
}

/// Where nothing is counted, there is no limit.
#[cfg(not(target_os = "linux"))]
pub fn try_to_watch(_directory: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_never_lowered() {
        let before = allow_open_files(0);
        assert!(allow_open_files(before / 2) >= before);
        assert!(allow_open_files(before + 1) >= before);
    }
}
