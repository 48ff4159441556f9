//! `clawdbot gateway` in the foreground, as a person would start it.

use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use super::home::Home;
use super::program::{BINARY, command, fresh_mark};

/// A gateway that was read up to its last start-up line; killed when dropped.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) child: Child,
    /// The lines of the start.
    pub(crate) lines: Vec<String>,
    // Kept open: a gateway whose reader has gone is another test.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Started {
    pub(crate) fn new(home: &Home, arguments: &[&str]) -> Self {
        let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
        let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = Vec::new();
        // Ends with the process, if it never gets that far.
        for line in stdout.by_ref() {
            lines.push(line.unwrap());
            if lines.last().is_some_and(|line| line.starts_with("✓ log file: ")) {
                break;
            }
        }
        Self { child, lines, _stdout: stdout }
    }

    pub(crate) fn port(&self) -> u16 {
        let (_, rest) = self.lines[1].rsplit_once("127.0.0.1:").unwrap();
        rest.split(' ').next().unwrap().parse().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port()).into()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
