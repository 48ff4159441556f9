//! How a process was started, from what the system still knows about it. Pure but for [`manager_of`].

/// Who started a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The service manager, as this unit.
    Unit {
        /// Its name, for example `clawdbot-gateway.service`.
        name: String,
        /// Whether it belongs to a user's manager and not to the system's.
        of_user: bool,
    },
    /// Another process that still lives.
    Parent {
        /// Its process id.
        pid: u32,
        /// Its short name.
        command: String,
    },
}

/// The systemd unit of a process, from its `/proc/PID/cgroup`. A unit that holds a login session or a desktop is
/// none in this sense: the last part of the path says what the process itself is.
pub(super) fn of_cgroup(cgroup: &str) -> Option<Origin> {
    cgroup.lines().find_map(|line| {
        let path = line.splitn(3, ':').nth(2)?;
        let (above, last) = path.rsplit_once('/')?;
        let of_user = above.split('/').any(|part| part.starts_with("user@") && part.ends_with(".service"));
        last.ends_with(".service").then(|| Origin::Unit { name: last.to_owned(), of_user })
    })
}

impl Origin {
    /// The command that stops it for good, when a service manager has started it.
    pub fn stop_command(&self) -> Option<String> {
        match self {
            Self::Unit { name, of_user: true } => Some(format!("systemctl --user stop {name}")),
            Self::Unit { name, of_user: false } => Some(format!("sudo systemctl stop {name}")),
            Self::Parent { .. } => None,
        }
    }
}

/// The unit that a process belongs to; `None` where no service manager says so.
pub fn manager_of(pid: u32) -> Option<Origin> {
    #[cfg(target_os = "linux")]
    return super::proc_fs::unit(pid);
    #[cfg(not(target_os = "linux"))]
    return {
        let _ = pid;
        None
    };
}

/// Facts in a line of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// Short name, at most 15 bytes.
    pub(super) command: String,
    /// Process id of the parent.
    pub(super) parent: u32,
    /// Start, in clock ticks since the machine's own start.
    pub(super) started: u64,
}

/// Reads such a line. The name stands in parentheses and may itself contain any.
pub(super) fn stat(line: &str) -> Option<Stat> {
    let (start, rest) = line.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some(Stat {
        command: start.split_once('(')?.1.to_owned(),
        parent: fields.nth(1)?.parse().ok()?,
        started: fields.nth(17)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cgroup: &str, expect: Option<&str>) {
        let command = of_cgroup(cgroup).and_then(|origin| origin.stop_command());
        assert_eq!(command.as_deref(), expect);
    }

    #[test]
    fn units_and_sessions() {
        check("0::/system.slice/nginx.service\n", Some("sudo systemctl stop nginx.service"));
        check(
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/clawdbot-gateway.service\n",
            Some("systemctl --user stop clawdbot-gateway.service"),
        );
        check("0::/user.slice/user-1000.slice/session-3.scope\n", None);
        check("0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n", None);
        check(
            "9:name=systemd:/system.slice/cron.service\n8:pids:/\n0::/\n",
            Some("sudo systemctl stop cron.service"),
        );
        // The user's manager itself is a unit of the system's.
        check(
            "0::/user.slice/user-1000.slice/user@1000.service",
            Some("sudo systemctl stop user@1000.service"),
        );
        check("0::/", None);
        check("", None);
    }

    #[test]
    fn names_with_parentheses() {
        let line = "42 (a (b) c) S 7 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 123456 1 1";
        let expect = Stat { command: "a (b) c".to_owned(), parent: 7, started: 123_456 };
        assert_eq!(stat(line), Some(expect));
        assert_eq!(stat("42 (a"), None);
    }
}
