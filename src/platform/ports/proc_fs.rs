//! Linux: the kernel's tables say which sockets listen, and `/proc/PID/fd` says who has them open.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::time::Duration;

use nix::unistd::{Uid, User};

use super::holder::{HolderProcess, PortHolder};
use super::inspector::{InspectError, PortInspector};
use super::origin::{Origin, of_cgroup, stat};
use super::proc_net::{Listening, listening};

/// Asks `/proc`.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProcFs;

impl PortInspector for ProcFs {
    fn holders(&self, port: u16) -> Result<Vec<PortHolder>, InspectError> {
        let sockets = sockets(|socket| socket.address.port() == port)?;
        if sockets.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: Vec<PortHolder> = Vec::new();
        let mut seen = BTreeSet::new();
        for pid in processes()? {
            let open: BTreeSet<u64> = open_sockets(pid).filter(|inode| sockets.contains_key(inode)).collect();
            if open.is_empty() {
                continue;
            }
            let addresses = open.iter().filter_map(|inode| sockets.get(inode)).map(|socket| socket.address);
            let uid = effective_uid(pid);
            found.push(PortHolder {
                addresses: addresses.collect(),
                uid,
                user: uid.and_then(user),
                process: process(pid),
            });
            seen.extend(open);
        }
        // Other users' processes do not show what they have open, but the socket itself says whose it is.
        for (_, socket) in sockets.into_iter().filter(|(inode, _)| !seen.contains(inode)) {
            match found.iter_mut().find(|holder| holder.process.is_none() && holder.uid == Some(socket.uid)) {
                Some(hidden) => hidden.addresses.push(socket.address),
                None => found.push(PortHolder {
                    addresses: vec![socket.address],
                    uid: Some(socket.uid),
                    user: user(socket.uid),
                    process: None,
                }),
            }
        }
        Ok(found)
    }

    fn parents(&self) -> Result<BTreeMap<u32, u32>, InspectError> {
        Ok(processes()?.into_iter().filter_map(|pid| Some((pid, facts(pid)?.parent))).collect())
    }
}

/// What processes listen on.
pub(super) fn listened(pids: impl IntoIterator<Item = u32>) -> Result<BTreeSet<u16>, InspectError> {
    let sockets = sockets(|_| true)?;
    let open = pids.into_iter().flat_map(open_sockets);
    Ok(open.filter_map(|inode| sockets.get(&inode)).map(|socket| socket.address.port()).collect())
}

/// The listening sockets that are `wanted`, by inode. A machine without IPv6 has no table for it.
fn sockets(wanted: impl Fn(&Listening) -> bool) -> Result<BTreeMap<u64, Listening>, InspectError> {
    let mut sockets = BTreeMap::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = match fs::read_to_string(table) {
            Err(error) if error.kind() == ErrorKind::NotFound && table.ends_with('6') => continue,
            text => text.map_err(|error| InspectError::Read(table, error))?,
        };
        let found = listening(&text).filter(&wanted);
        sockets.extend(found.map(|socket| (socket.inode, socket)));
    }
    Ok(sockets)
}

fn processes() -> Result<Vec<u32>, InspectError> {
    let entries = fs::read_dir("/proc").map_err(|error| InspectError::Read("/proc", error))?;
    let mut pids: Vec<u32> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    Ok(pids)
}

/// Nothing for a process that has just ended, and for one that may not be looked into.
fn open_sockets(pid: u32) -> impl Iterator<Item = u64> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    })
}

/// Who a process acts as. The owner of its folder in `/proc` says something else once it has changed its user.
fn effective_uid(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// `None` when the process has just ended.
fn process(pid: u32) -> Option<HolderProcess> {
    let facts = facts(pid)?;
    let cmdline = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    Some(HolderProcess {
        pid,
        command: facts.command,
        cmdline: String::from_utf8_lossy(&cmdline)
            .trim_end_matches('\0')
            .split('\0')
            .map(str::to_owned)
            .collect(),
        age: age(facts.started),
        started: Some(facts.started.to_string()),
        origin: unit(pid).or_else(|| parent(facts.parent)),
    })
}

fn facts(pid: u32) -> Option<super::origin::Stat> {
    stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The unit that a process belongs to.
pub(super) fn unit(pid: u32) -> Option<Origin> {
    of_cgroup(&fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?)
}

/// Process 1 has adopted what lost its parent; it says nothing.
fn parent(pid: u32) -> Option<Origin> {
    let facts = (pid > 1).then(|| facts(pid)).flatten()?;
    Some(Origin::Parent { pid, command: facts.command })
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
