//! Windows: `netstat` says who listens, `tasklist` their names. Compiled and tested everywhere.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::holder::{HolderProcess, PortHolder};
use super::inspector::{InspectError, PortInspector};
use crate::platform::exec::{CommandLine, CommandRunner};

/// Asks `netstat` and `tasklist`. Neither knows users, parents, or times.
#[derive(Debug)]
pub struct Netstat<R>(pub R);

impl<R: CommandRunner> PortInspector for Netstat<R> {
    fn holders(&self, port: u16) -> Result<Vec<PortHolder>, InspectError> {
        let mut by_pid: BTreeMap<u32, Vec<SocketAddr>> = BTreeMap::new();
        for (address, pid) in listening(&self.ask("netstat", &["-ano"])?) {
            let addresses = by_pid.entry(pid).or_default();
            if address.port() == port && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        by_pid.retain(|_, addresses| !addresses.is_empty());
        let describe = |(pid, addresses)| {
            let named = self.ask("tasklist", &["/FI", &format!("PID eq {pid}"), "/FO", "CSV", "/NH"])?;
            let command = image_name(&named, pid).unwrap_or("unknown").to_owned();
            let cmdline = vec![command.clone()];
            let process = HolderProcess { pid, command, cmdline, age: None, started: None, origin: None };
            Ok(PortHolder { addresses, uid: None, user: None, process: Some(process) })
        };
        by_pid.into_iter().map(describe).collect()
    }

    fn parents(&self) -> Result<BTreeMap<u32, u32>, InspectError> {
        Ok(BTreeMap::new())
    }
}

impl<R: CommandRunner> Netstat<R> {
    fn ask(&self, program: &'static str, arguments: &[&str]) -> Result<String, InspectError> {
        let output = self.0.run(&CommandLine::new(program).args(arguments))?;
        if output.success() {
            Ok(output.stdout)
        } else {
            Err(InspectError::Answer(program, output.stderr.trim().to_owned()))
        }
    }
}

/// The listening sockets and their processes. The word for the state is in the system's language, so a socket
/// counts as listening when it has no other side.
fn listening(text: &str) -> impl Iterator<Item = (SocketAddr, u32)> {
    text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["TCP", local, foreign, .., pid] = words.as_slice() else { return None };
        let foreign: SocketAddr = foreign.parse().ok()?;
        (foreign.port() == 0).then_some((local.parse().ok()?, pid.parse().ok()?))
    })
}

/// The first column of the line whose second is the pid, both in quotes.
fn image_name(csv: &str, pid: u32) -> Option<&str> {
    csv.lines().find_map(|line| {
        let mut columns = line.trim().trim_start_matches('"').split("\",\"");
        let name = columns.next()?;
        (columns.next()?.parse() == Ok(pid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::exec::recording::RecordingRunner;

    #[test]
    fn reads_recorded_answers() {
        let runner = RecordingRunner::default()
            .says("netstat -ano", 0, include_str!("../../../fixtures/ports/netstat"))
            .says("tasklist /FI PID eq 4321 /FO CSV /NH", 0, include_str!("../../../fixtures/ports/tasklist"))
            .says(
                "tasklist /FI PID eq 5210 /FO CSV /NH",
                0,
                "INFO: No tasks are running which match the specified criteria.\r\n",
            );
        let found = Netstat(runner).holders(18_789).unwrap();
        let facts: Vec<_> = found
            .iter()
            .map(|holder| {
                let process = holder.process.as_ref().unwrap();
                (process.pid, process.command.as_str(), holder.addresses.as_slice())
            })
            .collect();
        assert_eq!(
            facts,
            [
                (4321, "node.exe", &["127.0.0.1:18789".parse().unwrap(), "[::1]:18789".parse().unwrap()][..]),
                (5210, "unknown", &["0.0.0.0:18789".parse().unwrap()][..]),
            ]
        );
    }

    #[test]
    fn the_words_of_other_languages_do_not_matter() {
        let german = "  TCP    127.0.0.1:18789        0.0.0.0:0              ABHÖREN         7\r\n";
        assert_eq!(listening(german).count(), 1);
        let established = "  TCP    127.0.0.1:18789        127.0.0.1:50000        HERGESTELLT     7\r\n";
        assert_eq!(listening(established).count(), 0);
        assert_eq!(
            listening("  UDP    0.0.0.0:5353           *:*                                    7").count(),
            0
        );
    }
}
