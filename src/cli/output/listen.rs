//! What is said when an address cannot be bound: the published first line, who holds the port, the ways out.

use std::io;
use std::net::SocketAddr;

use crate::platform::ports::Holder;

/// How much of a command line is shown.
const COMMAND: usize = 120;

/// Options whose value is a secret.
const SECRET: [&str; 2] = ["--token", "--password"];

/// The text for an address that could not be bound. `holders` matters only when the port is taken.
pub(crate) fn failed(address: SocketAddr, error: &io::Error, holders: &[Holder]) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => taken(address, holders),
        io::ErrorKind::PermissionDenied => format!(
            "Error: listen EACCES: permission denied {address}\n\
             Ports below 1024 are for the system. Use another one: --port N."
        ),
        io::ErrorKind::AddrNotAvailable => format!(
            "Error: listen EADDRNOTAVAIL: address not available {address}\n\
             This machine does not have that address. Check gateway.bind and gateway.customBindHost."
        ),
        _ => format!("Error: listen {address}: {error}"),
    }
}

fn taken(address: SocketAddr, holders: &[Holder]) -> String {
    let port = address.port();
    let first = format!("Error: listen EADDRINUSE: address already in use {address}");
    let who: Vec<String> = match holders {
        [] => vec![format!("Port {port} is held by a process that cannot be looked into from here.")],
        _ => holders
            .iter()
            .map(|holder| format!("Port {port} is held by pid {}: {}", holder.pid, command(&holder.command)))
            .collect(),
    };
    let stop = match holders {
        [holder] => format!("Stop it (kill {})", holder.pid),
        _ => "Stop it".to_owned(),
    };
    format!(
        "{first}\n{}\n{stop}, use another port (--port N), or let the system choose one (--port 0).",
        who.join("\n")
    )
}

/// A command line for people: secrets hidden, control characters visible, shortened.
fn command(arguments: &[String]) -> String {
    let mut hide_next = false;
    let shown: Vec<String> = arguments
        .iter()
        .map(|argument| {
            if std::mem::take(&mut hide_next) {
                return "***".to_owned();
            }
            hide_next = SECRET.contains(&argument.as_str());
            match argument.split_once('=') {
                Some((option, _)) if SECRET.contains(&option) => format!("{option}=***"),
                _ => argument.chars().map(|c| if c.is_control() { '?' } else { c }).collect(),
            }
        })
        .collect();
    let line = shown.join(" ");
    match line.char_indices().nth(COMMAND) {
        _ if line.is_empty() => "unknown".to_owned(),
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: io::ErrorKind, holders: &[Holder], expected: &str) {
        let address = SocketAddr::from(([127, 0, 0, 1], 18_789));
        assert_eq!(failed(address, &kind.into(), holders), expected);
    }

    fn holder(pid: u32, command: &str) -> Holder {
        Holder { pid, command: command.split(' ').map(str::to_owned).collect() }
    }

    #[test]
    fn a_taken_port_comes_with_its_holder_and_the_ways_out() {
        check(
            io::ErrorKind::AddrInUse,
            &[holder(1234, "node server.js")],
            "Error: listen EADDRINUSE: address already in use 127.0.0.1:18789\n\
             Port 18789 is held by pid 1234: node server.js\n\
             Stop it (kill 1234), use another port (--port N), or let the system choose one (--port 0).",
        );
        check(
            io::ErrorKind::AddrInUse,
            &[],
            "Error: listen EADDRINUSE: address already in use 127.0.0.1:18789\n\
             Port 18789 is held by a process that cannot be looked into from here.\n\
             Stop it, use another port (--port N), or let the system choose one (--port 0).",
        );
        check(
            io::ErrorKind::AddrInUse,
            &[holder(1, "a"), holder(2, "b")],
            "Error: listen EADDRINUSE: address already in use 127.0.0.1:18789\n\
             Port 18789 is held by pid 1: a\n\
             Port 18789 is held by pid 2: b\n\
             Stop it, use another port (--port N), or let the system choose one (--port 0).",
        );
    }

    #[test]
    fn other_reasons_have_their_own_fix() {
        check(
            io::ErrorKind::PermissionDenied,
            &[],
            "Error: listen EACCES: permission denied 127.0.0.1:18789\n\
             Ports below 1024 are for the system. Use another one: --port N.",
        );
        check(
            io::ErrorKind::AddrNotAvailable,
            &[],
            "Error: listen EADDRNOTAVAIL: address not available 127.0.0.1:18789\n\
             This machine does not have that address. Check gateway.bind and gateway.customBindHost.",
        );
    }

    #[test]
    fn command_lines_are_fit_to_be_seen() {
        let check = |arguments: &[&str], expected: &str| {
            let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
            assert_eq!(command(&arguments), expected);
        };
        check(
            &["clawdbot", "gateway", "--token", "s3cret", "--port", "1"],
            "clawdbot gateway --token *** --port 1",
        );
        check(&["clawdbot", "--password=s3cret"], "clawdbot --password=***");
        check(&["a\u{1b}[31m", "b\n"], "a?[31m b?");
        check(&[], "unknown");
        let long = "é".repeat(200);
        check(&[long.as_str()], &format!("{}…", "é".repeat(120)));
    }
}
