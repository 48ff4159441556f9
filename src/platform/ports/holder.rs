//! Looking for the processes behind a port.

use std::time::Duration;

use super::origin::Origin;

/// Somebody who listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// User id of who opened the socket.
    pub uid: u32,
    /// Name of that user, if it has one.
    pub user: Option<String>,
    /// The process, as far as this user may see it.
    pub process: Option<HolderProcess>,
}

/// A process that has the socket open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderProcess {
    /// Process id.
    pub pid: u32,
    /// Short name, for example `node`.
    pub command: String,
    /// The whole command line. May contain secrets.
    pub cmdline: Vec<String>,
    /// How long it has been running.
    pub age: Option<Duration>,
    /// How it was started, when that can still be seen.
    pub origin: Option<Origin>,
}

/// Everybody who listens on `port`, on whatever address, ordered by pid. Several processes may share one socket.
/// Empty when nobody does, and on systems where nothing here knows how to ask.
#[cfg(target_os = "linux")]
pub fn holders(port: u16) -> Vec<PortHolder> {
    linux::holders(port)
}

/// Nothing here knows how to ask this system yet.
#[cfg(not(target_os = "linux"))]
pub fn holders(_port: u16) -> Vec<PortHolder> {
    Vec::new()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::fs;
    use std::time::Duration;

    use nix::unistd::{Uid, User};

    use super::super::origin::{Origin, stat, unit};
    use super::super::proc_net::{Listening, listening};
    use super::{HolderProcess, PortHolder};

    pub(super) fn holders(port: u16) -> Vec<PortHolder> {
        let mut sockets: BTreeMap<u64, Listening> = BTreeMap::new();
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let text = fs::read_to_string(table).unwrap_or_default();
            let found = listening(&text).filter(|socket| socket.address.port() == port);
            sockets.extend(found.map(|socket| (socket.inode, socket)));
        }
        if sockets.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<PortHolder> = Vec::new();
        let mut seen = Vec::new();
        for pid in processes() {
            let mut uid = None;
            for inode in open_sockets(pid) {
                if let Some(socket) = sockets.get(&inode) {
                    uid = Some(socket.uid);
                    seen.push(inode);
                }
            }
            if let Some(uid) = uid {
                found.push(PortHolder { uid, user: user(uid), process: process(pid) });
            }
        }
        // Other users' processes do not show what they have open, but the socket itself says whose it is.
        for socket in sockets.values().filter(|socket| !seen.contains(&socket.inode)) {
            let hidden = PortHolder { uid: socket.uid, user: user(socket.uid), process: None };
            if !found.contains(&hidden) {
                found.push(hidden);
            }
        }
        found
    }

    fn processes() -> Vec<u32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        let mut pids: Vec<u32> =
            entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        pids.sort_unstable();
        pids
    }

    fn open_sockets(pid: u32) -> impl Iterator<Item = u64> {
        let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().filter_map(Result::ok);
        entries.filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
        })
    }

    /// `None` when the process has just ended.
    fn process(pid: u32) -> Option<HolderProcess> {
        let facts = stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
        let cmdline = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let cgroup = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        Some(HolderProcess {
            pid,
            command: facts.command,
            cmdline: String::from_utf8_lossy(&cmdline)
                .trim_end_matches('\0')
                .split('\0')
                .map(str::to_owned)
                .collect(),
            age: age(facts.started),
            origin: unit(&cgroup).map(Origin::Unit).or_else(|| parent(facts.parent)),
        })
    }

    /// Process 1 has adopted what lost its parent; it says nothing.
    fn parent(pid: u32) -> Option<Origin> {
        let facts = (pid > 1).then(|| fs::read_to_string(format!("/proc/{pid}/stat")).ok()).flatten()?;
        Some(Origin::Parent { pid, command: stat(&facts)?.command })
    }

    fn age(started: u64) -> Option<Duration> {
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let uptime = Duration::try_from_secs_f64(uptime.split_whitespace().next()?.parse().ok()?).ok()?;
        let started =
            Duration::from_secs(started) / u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
        Some(uptime.saturating_sub(started))
    }

    fn user(uid: u32) -> Option<String> {
        User::from_uid(Uid::from_raw(uid)).ok().flatten().map(|user| user.name)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::platform::net;

    #[test]
    fn finds_this_very_process() {
        let listener = net::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let found = holders(port);
        let process = found
            .iter()
            .filter_map(|holder| holder.process.as_ref())
            .find(|process| process.pid == std::process::id());
        let process = process.unwrap_or_else(|| panic!("not among {found:?}"));
        assert!(process.cmdline[0].contains("clawdbot"), "{process:?}");
        assert!(process.age.is_some() && !process.command.is_empty(), "{process:?}");
        drop(listener);
        assert_eq!(holders(port), []);
    }
}
