//! Who runs on the state.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::client::target::RunningGateway;
use crate::doctor::facts::InstanceFacts;
use crate::platform::{env, lock, pid, regular, surroundings};
use crate::profile::ProfilePaths;

/// Lock files of the published program that are looked at, at most, and how much of each.
const MOST_LOCKS: usize = 100;
const LONGEST_LOCK: u64 = 64 << 10;

/// What is known, and the gateway that the runtime file leads to.
pub(super) fn look(paths: &ProfilePaths) -> (InstanceFacts, Option<RunningGateway>) {
    let running = RunningGateway::read(&paths.runtime_file);
    let (is_locked, problem) = match lock::holder(&paths.gateway_lock) {
        Ok(holder) => (holder.is_some(), None),
        Err(error) => (false, Some(error.to_string())),
    };
    let facts = InstanceFacts {
        is_locked,
        has_runtime_file: paths.runtime_file.symlink_metadata().is_ok(),
        running: running.as_ref().map(|running| running.pid),
        has_harness: lock::holder(&paths.harness_lock).is_ok_and(|holder| holder.is_some()),
        published: published(paths),
        problem,
    };
    (facts, running)
}

/// A lock of the published program.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedLock {
    pid: u32,
    config_path: PathBuf,
    /// When the process started, as Linux counts it.
    start_time: Option<u64>,
}

/// A gateway of the published program with this configuration, by the lock that it keeps among temporary files.
fn published(paths: &ProfilePaths) -> Option<u32> {
    let folder = env::temporary_dir().ok()?.join(format!("clawdbot-{}", surroundings::user_id()?));
    let entries = std::fs::read_dir(folder).ok()?.flatten().take(MOST_LOCKS);
    entries.map(|entry| entry.path()).find_map(|path| alive(&path, &paths.config_path))
}

fn alive(path: &Path, config_path: &Path) -> Option<u32> {
    let lock: PublishedLock = serde_json::from_slice(&regular::read(path, LONGEST_LOCK).ok()?).ok()?;
    let is_same = match (lock.start_time, pid::start_mark(lock.pid)) {
        (Some(then), Some(now)) => then == now,
        _ => pid::exists(lock.pid),
    };
    (lock.config_path == config_path && is_same).then_some(lock.pid)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lock_counts_while_its_process_lives() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("gateway.0123abcd.lock");
        let own = std::process::id();
        let started = pid::start_mark(own).unwrap();
        for (pid, start, config, expected) in [
            (own, started, "/c.json", Some(own)),
            (own, started + 1, "/c.json", None),
            (own, started, "/other.json", None),
            (0x7fff_fff0, started, "/c.json", None),
        ] {
            let lock = json!({ "pid": pid, "createdAt": "x", "configPath": config, "startTime": start });
            std::fs::write(&path, lock.to_string()).unwrap();
            assert_eq!(alive(&path, Path::new("/c.json")), expected, "{lock}");
        }
        std::fs::write(&path, "{").unwrap();
        assert_eq!(alive(&path, Path::new("/c.json")), None);
    }
}
