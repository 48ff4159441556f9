//! Whom a start with `--force` may end, and whom not. Pure.

use std::collections::BTreeMap;

use super::holder::{HolderProcess, PortHolder};

/// Processes that start others for a living and hold sockets for them. Ending one ends a session or a machine.
const MANAGERS: [&str; 4] = ["systemd", "launchd", "services.exe", "svchost.exe"];

/// This process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own {
    /// Its id.
    pub(super) pid: u32,
    /// Its user.
    pub(super) uid: Option<u32>,
}

/// A holder that is not ended. One is enough to end nobody: the port would not be free.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untouchable {
    /// This process, or one that it descends from.
    #[error("pid {pid} ({command}) holds it, and this very command was started by it")]
    Ancestor {
        /// Its id.
        pid: u32,
        /// Its name.
        command: String,
    },
    /// Somebody else's process.
    #[error("pid {pid} ({command}) belongs to {owner}, and --force ends only processes of your own")]
    Foreign {
        /// Its id.
        pid: u32,
        /// Its name.
        command: String,
        /// Whose it is.
        owner: String,
    },
    /// A process that cannot be seen from here.
    #[error("a process of {0} holds it that cannot be seen from here")]
    Hidden(String),
    /// A service manager, which holds the socket for a unit.
    #[error("{command} (pid {pid}) holds it for one of its sockets")]
    Manager {
        /// Its id.
        pid: u32,
        /// Its name.
        command: String,
    },
    /// A process that its service manager starts again.
    #[error("pid {pid} ({command}) is a service ({unit}) that is started again when it ends")]
    Managed {
        /// Its id.
        pid: u32,
        /// Its name.
        command: String,
        /// The unit.
        unit: String,
        /// What stops it for good.
        stop: String,
    },
}

// === impl Untouchable ===

impl Untouchable {
    /// The command that gets it out of the way all the same, when there is one.
    pub fn way_out(&self) -> Option<String> {
        match self {
            Self::Ancestor { .. } | Self::Hidden(_) => None,
            Self::Foreign { pid, .. } => Some(format!("sudo kill {pid}")),
            Self::Manager { pid: 1, .. } => Some("sudo systemctl stop NAME.socket".to_owned()),
            Self::Manager { .. } => Some("systemctl --user stop NAME.socket".to_owned()),
            Self::Managed { stop, .. } => Some(stop.clone()),
        }
    }
}

/// The processes to end, or the first holder that stands against it.
pub(super) fn victims(
    holders: &[PortHolder],
    parents: &BTreeMap<u32, u32>,
    own: Own,
) -> Result<Vec<HolderProcess>, Untouchable> {
    let line: Vec<u32> = [own.pid].into_iter().chain(ancestors(own.pid, parents)).collect();
    holders
        .iter()
        .map(|holder| {
            let Some(process) = &holder.process else { return Err(Untouchable::Hidden(holder.owner())) };
            let (pid, command) = (process.pid, process.command.clone());
            if pid == 1 || MANAGERS.contains(&command.as_str()) {
                Err(Untouchable::Manager { pid, command })
            } else if line.contains(&pid) {
                Err(Untouchable::Ancestor { pid, command })
            } else if holder.uid.is_some() && holder.uid != own.uid {
                Err(Untouchable::Foreign { pid, command, owner: holder.owner() })
            } else {
                Ok(process.clone())
            }
        })
        .collect()
}

/// Those of `pids` that descend from no other of them. Ending a supervisor ends what it keeps; ending what it keeps
/// makes it start another.
pub(super) fn roots(pids: &[u32], parents: &BTreeMap<u32, u32>) -> Vec<u32> {
    let descends = |pid: u32| ancestors(pid, parents).any(|ancestor| pids.contains(&ancestor));
    pids.iter().copied().filter(|pid| !descends(*pid)).collect()
}

/// Parent, parent's parent, and so on. The table is read while processes come and go, so a circle is possible.
pub(super) fn ancestors(pid: u32, parents: &BTreeMap<u32, u32>) -> impl Iterator<Item = u32> {
    std::iter::successors(parents.get(&pid).copied(), |above| parents.get(above).copied())
        .take_while(|above| *above != 0)
        .take(parents.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This process is 100, started by 90, which was started by 1.
    const OWN: Own = Own { pid: 100, uid: Some(1000) };

    fn parents() -> BTreeMap<u32, u32> {
        BTreeMap::from([
            (100, 90),
            (90, 1),
            (1, 0),
            (200, 1),
            (201, 200),
            (202, 201),
            (300, 1),
            (7, 8),
            (8, 7),
        ])
    }

    fn holder(pid: u32, uid: u32, command: &str) -> PortHolder {
        let process = HolderProcess {
            pid,
            command: command.to_owned(),
            cmdline: Vec::new(),
            age: None,
            started: None,
            origin: None,
        };
        let addresses = vec!["127.0.0.1:18789".parse().unwrap()];
        PortHolder { addresses, uid: Some(uid), user: None, process: Some(process) }
    }

    #[track_caller]
    fn check(holders: &[PortHolder], expected: Result<&[u32], &str>) {
        let found = victims(holders, &parents(), OWN).map_err(|error| error.to_string());
        let found = found.map(|found| found.iter().map(|victim| victim.pid).collect::<Vec<_>>());
        assert_eq!(found, expected.map(<[u32]>::to_vec).map_err(str::to_owned));
    }

    #[test]
    fn who_may_be_ended() {
        check(&[], Ok(&[]));
        check(&[holder(200, 1000, "node"), holder(300, 1000, "ssh")], Ok(&[200, 300]));
        let own = "holds it, and this very command was started by it";
        check(&[holder(100, 1000, "clawdbot")], Err(&format!("pid 100 (clawdbot) {own}")));
        check(&[holder(200, 1000, "node"), holder(90, 1000, "sh")], Err(&format!("pid 90 (sh) {own}")));
        check(
            &[holder(200, 1000, "node"), holder(300, 0, "nginx")],
            Err("pid 300 (nginx) belongs to user id 0, and --force ends only processes of your own"),
        );
        check(&[holder(1, 0, "init")], Err("init (pid 1) holds it for one of its sockets"));
        check(&[holder(300, 1000, "systemd")], Err("systemd (pid 300) holds it for one of its sockets"));
        let hidden = PortHolder { process: None, ..holder(0, 33, "") };
        check(&[hidden], Err("a process of user id 33 holds it that cannot be seen from here"));
    }

    #[test]
    fn a_supervisor_is_asked_before_what_it_keeps() {
        assert_eq!(roots(&[200, 202, 300], &parents()), [200, 300]);
        assert_eq!(roots(&[201, 202], &parents()), [201]);
        // Both are seen as the parent of the other: neither is asked, and both are killed later.
        assert_eq!(roots(&[7, 8], &parents()), Vec::<u32>::new());
    }
}
