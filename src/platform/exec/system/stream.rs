//! A command that goes on, read line by line.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};

use super::{CommandLine, ExecError, start};

/// The command. Ended when dropped.
#[derive(Debug)]
pub struct Stream {
    child: Child,
}

/// What it says on standard output, until that is closed; what is no UTF-8 in it is replaced.
#[derive(Debug)]
pub struct Lines {
    pipe: BufReader<ChildStdout>,
}

impl Stream {
    /// Starts it. Its time limit does not count. What it says on standard error is not read: it should not be much.
    pub fn start(line: &CommandLine) -> Result<(Self, Lines), ExecError> {
        let mut child = start(line)?;
        match child.stdout.take() {
            Some(pipe) => Ok((Self { child }, Lines { pipe: BufReader::new(pipe) })),
            // It was started with one.
            None => Err(line.failed(std::io::ErrorKind::BrokenPipe.into())),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // One that has ended cannot be ended, and is collected all the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let count = self.pipe.read_until(b'\n', &mut line).ok().filter(|count| *count > 0)?;
        let length = count - usize::from(line.last() == Some(&b'\n'));
        Some(String::from_utf8_lossy(&line[..length]).into_owned())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn lines_come_while_it_runs_and_it_ends_with_its_handle() {
        let line = CommandLine::new("sh").args(["-c", "echo one; echo; echo two; exec sleep 1000"]);
        let (stream, mut lines) = Stream::start(&line).unwrap();
        let first: Vec<String> = lines.by_ref().take(3).collect();
        assert_eq!(first, ["one", "", "two"]);
        drop(stream);
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn a_missing_command_is_an_error() {
        let started = Stream::start(&CommandLine::new("/nonexistent/command"));
        assert!(matches!(started, Err(ExecError::NotFound(_))));
    }
}
