//! `clawdbot gateway` in the foreground, as a person would start it.

use std::io::{BufRead, BufReader, Lines};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use super::home::Home;
use super::program::{self, BINARY, command, fresh_mark};
use super::wait::PATIENCE;

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
        command.args(arguments);
        Self::of(command)
    }

    /// Starts a command that was made by [`program::command`].
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
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

    /// Process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    #[track_caller]
    pub(crate) fn port(&self) -> u16 {
        let rest = self.lines.iter().find_map(|line| {
            line.strip_prefix("✓ listening on ").and_then(|url| url.split_once("127.0.0.1:"))
        });
        let (_, rest) = rest.unwrap_or_else(|| panic!("does not listen: {:?}", self.lines));
        rest.split(' ').next().unwrap().parse().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port()).into()
    }

    /// The lines that `--force` has printed, without their mark.
    pub(crate) fn force_lines(&self) -> Vec<&str> {
        self.lines.iter().filter_map(|line| line.strip_prefix("✓ force: ")).collect()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> ExitStatus {
        program::end_within(&mut self.child, PATIENCE).expect("still running")
    }

    /// SIGTERM, and the end that follows.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn stop(mut self) -> ExitStatus {
        super::process::signal(self.pid(), rustix::process::Signal::TERM);
        self.ended()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
