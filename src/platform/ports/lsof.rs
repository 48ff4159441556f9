//! macOS and the BSDs: `lsof` says who listens, `ps` the rest. Compiled and tested everywhere.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::holder::{HolderProcess, PortHolder};
use super::inspector::{InspectError, PortInspector};
use super::origin::Origin;
use crate::platform::exec::{CommandLine, CommandRunner, ExecError};

/// Where macOS keeps `lsof`, which is not in every `PATH`.
const PROGRAMS: [&str; 2] = ["lsof", "/usr/sbin/lsof"];

/// Asks `lsof` and `ps`.
#[derive(Debug)]
pub struct Lsof<R>(pub R);

impl<R: CommandRunner> PortInspector for Lsof<R> {
    fn holders(&self, port: u16) -> Result<Vec<PortHolder>, InspectError> {
        // No names of hosts and ports; fields that programs read (`OUTPUT FOR OTHER PROGRAMS` in `lsof(8)`).
        let listed = self.lsof(&["-nP", &format!("-iTCP:{port}"), "-sTCP:LISTEN", "-FpcuLtn"])?;
        let mut found = listeners(&listed);
        if found.is_empty() {
            return Ok(found);
        }
        let pids: Vec<String> = found.iter().filter_map(|holder| Some(holder.pid()?.to_string())).collect();
        let described = self.ps(&["-o", "pid=,ppid=,etime=,lstart=,command=", "-p", &pids.join(",")])?;
        let described: BTreeMap<u32, Described> = described.lines().filter_map(described_line).collect();
        let parents = self.parents_and_names()?;
        for process in found.iter_mut().filter_map(|holder| holder.process.as_mut()) {
            let Some(facts) = described.get(&process.pid) else { continue };
            process.cmdline.clone_from(&facts.cmdline);
            process.age = facts.age;
            process.started = Some(facts.started.clone());
            process.origin = (facts.parent > 1)
                .then(|| parents.get(&facts.parent))
                .flatten()
                .map(|(_, name)| Origin::Parent { pid: facts.parent, command: name.clone() });
        }
        Ok(found)
    }

    fn parents(&self) -> Result<BTreeMap<u32, u32>, InspectError> {
        let all = self.parents_and_names()?;
        Ok(all.into_iter().map(|(pid, (parent, _))| (pid, parent)).collect())
    }
}

impl<R: CommandRunner> Lsof<R> {
    /// Exit code 1 without a word means that nobody listens.
    fn lsof(&self, arguments: &[&str]) -> Result<String, InspectError> {
        let mut missing = None;
        for program in PROGRAMS {
            match self.0.run(&CommandLine::new(program).args(arguments)) {
                Ok(output) if output.success() || output.stderr.trim().is_empty() => return Ok(output.stdout),
                Ok(output) => return Err(InspectError::Answer("lsof", output.stderr.trim().to_owned())),
                Err(error @ ExecError::NotFound(_)) => missing = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        Err(missing.unwrap_or_else(|| ExecError::NotFound(PROGRAMS[0].to_owned())).into())
    }

    /// A process that has ended meanwhile makes `ps` end with 1, and the others are told all the same.
    fn ps(&self, arguments: &[&str]) -> Result<String, InspectError> {
        Ok(self.0.run(&CommandLine::new("ps").args(arguments).env("LC_ALL", "C"))?.stdout)
    }

    fn parents_and_names(&self) -> Result<BTreeMap<u32, (u32, String)>, InspectError> {
        let listed = self.ps(&["-axo", "pid=,ppid=,comm="])?;
        Ok(listed
            .lines()
            .filter_map(|line| {
                let (pid, rest) = line.trim_start().split_once(' ')?;
                let (parent, path) = rest.trim_start().split_once(' ')?;
                let name = path.trim().rsplit('/').next()?.to_owned();
                Some((pid.parse().ok()?, (parent.parse().ok()?, name)))
            })
            .collect())
    }
}

/// What `lsof` says, one field per line, the letter of the field first; a process, then its files.
fn listeners(text: &str) -> Vec<PortHolder> {
    let mut found: Vec<PortHolder> = Vec::new();
    let mut is_ipv6 = false;
    for line in text.lines() {
        let Some((field, value)) = line.split_at_checked(1) else { continue };
        if let ("p", Ok(pid)) = (field, value.parse()) {
            let process = HolderProcess {
                pid,
                command: String::new(),
                cmdline: Vec::new(),
                age: None,
                started: None,
                origin: None,
            };
            found.push(PortHolder { addresses: Vec::new(), uid: None, user: None, process: Some(process) });
        }
        let Some(holder) = found.last_mut() else { continue };
        match field {
            "c" => holder.process.iter_mut().for_each(|process| value.clone_into(&mut process.command)),
            "u" => holder.uid = value.parse().ok(),
            "L" => holder.user = Some(value.to_owned()),
            "t" => is_ipv6 = value == "IPv6",
            "n" => {
                let address = address(value, is_ipv6).filter(|address| !holder.addresses.contains(address));
                holder.addresses.extend(address);
            }
            _ => {}
        }
    }
    found.sort_by_key(PortHolder::pid);
    found
}

/// `127.0.0.1:18789`, `[::1]:18789`, or `*:18789`, whose family stands elsewhere.
fn address(text: &str, is_ipv6: bool) -> Option<SocketAddr> {
    let Some(port) = text.strip_prefix("*:") else { return text.parse().ok() };
    let all: IpAddr = if is_ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
    Some(SocketAddr::new(all, port.parse().ok()?))
}

/// What `ps` says about one process.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    parent: u32,
    age: Option<Duration>,
    started: String,
    cmdline: Vec<String>,
}

/// `PID PPID ELAPSED Wed Nov 25 02:30:18 2026 COMMAND…`.
fn described_line(line: &str) -> Option<(u32, Described)> {
    let mut words = line.split_whitespace();
    let pid = words.next()?.parse().ok()?;
    let parent = words.next()?.parse().ok()?;
    let age = words.next().and_then(elapsed);
    let started: Vec<&str> = words.by_ref().take(5).collect();
    let described =
        Described { parent, age, started: started.join(" "), cmdline: words.map(str::to_owned).collect() };
    Some((pid, described))
}

/// `[[days-]hours:]minutes:seconds`.
fn elapsed(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('-') {
        Some((days, clock)) => (days.parse().ok()?, clock),
        None => (0, text),
    };
    let seconds = clock.split(':').try_fold(0_u64, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(Duration::from_secs(days * 86_400 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::exec::recording::RecordingRunner;

    const LSOF: &str = "-nP -iTCP:18789 -sTCP:LISTEN -FpcuLtn";

    fn inspector(runner: RecordingRunner) -> Lsof<RecordingRunner> {
        Lsof(runner)
    }

    #[test]
    fn reads_recorded_answers() {
        let runner = RecordingRunner::default()
            .says(&format!("lsof {LSOF}"), 0, include_str!("../../../fixtures/ports/lsof"))
            .says(
                "ps -o pid=,ppid=,etime=,lstart=,command= -p 501,612",
                0,
                include_str!("../../../fixtures/ports/ps"),
            )
            .says("ps -axo pid=,ppid=,comm=", 0, include_str!("../../../fixtures/ports/ps-all"));
        let found = inspector(runner).holders(18_789).unwrap();
        let [node, tunnel] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(node.addresses, ["127.0.0.1:18789".parse().unwrap(), "[::1]:18789".parse().unwrap()]);
        assert_eq!((node.uid, node.owner().as_str()), (Some(502), "user alex"));
        assert_eq!(
            node.process,
            Some(HolderProcess {
                pid: 501,
                command: "node".to_owned(),
                cmdline: ["node", "/opt/gateway/index.js", "--port", "18789"].map(str::to_owned).to_vec(),
                age: Some(Duration::from_secs(2 * 86_400 + 3 * 3_600 + 4 * 60 + 5)),
                started: Some("Mon Nov 23 06:20:40 2026".to_owned()),
                origin: Some(Origin::Parent { pid: 400, command: "zsh".to_owned() }),
            })
        );
        assert_eq!(tunnel.addresses, ["0.0.0.0:18789".parse().unwrap(), "[::]:18789".parse().unwrap()]);
        let process = tunnel.process.as_ref().unwrap();
        assert_eq!((process.command.as_str(), process.origin.as_ref()), ("ssh", None));
    }

    #[test]
    fn nobody_and_nothing_to_ask() {
        let nobody = RecordingRunner::default().says(&format!("lsof {LSOF}"), 1, "");
        assert_eq!(inspector(nobody).holders(18_789).unwrap(), []);

        let missing = || Err(ExecError::NotFound("lsof".to_owned()));
        let elsewhere = RecordingRunner::default().answer(&format!("lsof {LSOF}"), missing()).says(
            &format!("/usr/sbin/lsof {LSOF}"),
            1,
            "",
        );
        assert_eq!(inspector(elsewhere).holders(18_789).unwrap(), []);

        let nowhere = RecordingRunner::default()
            .answer(&format!("lsof {LSOF}"), missing())
            .answer(&format!("/usr/sbin/lsof {LSOF}"), missing());
        let error = inspector(nowhere).holders(18_789).unwrap_err();
        assert_eq!(error.to_string(), "failed to run lsof: not found");
    }

    #[test]
    fn elapsed_times() {
        for (text, seconds) in [("00:05", 5), ("02:03:04", 7_384), ("10-00:00:01", 864_001)] {
            assert_eq!(elapsed(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(elapsed("soon"), None);
    }
}
