//! A command with its pipes, attended by one thread with `poll`.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdin, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};

use super::{LONGEST, start};
use crate::platform::exec::{CommandLine, CommandOutput, ExecError};
use crate::platform::process::{Signal, Target, signal};

/// How long the output of a command that has ended is still read: whoever it started may hold the pipes.
const AFTERMATH: Duration = Duration::from_millis(50);
/// How often the command is looked at; its pipes close a moment before it has ended, so it is looked at more often
/// after it has said something.
const LOOK: [Duration; 2] = [Duration::from_micros(200), Duration::from_millis(20)];

pub(super) fn run(line: &CommandLine) -> Result<CommandOutput, ExecError> {
    let mut child = start(line)?;
    let attended = attend(&mut child, line);
    if attended.is_err() {
        // It is not collected yet, so the number is its own and its group's.
        signal(Target::Group(child.id()), Signal::KILL);
        child.wait().map_err(|error| line.failed(error))?;
    }
    attended
}

fn attend(child: &mut Child, line: &CommandLine) -> Result<CommandOutput, ExecError> {
    let failed = |error| line.failed(error);
    let mut deadline = Instant::now() + line.timeout;
    let mut input = Input::new(child.stdin.take(), line.stdin.as_deref()).map_err(failed)?;
    let mut stdout = Output::new(child.stdout.take()).map_err(failed)?;
    let mut stderr = Output::new(child.stderr.take()).map_err(failed)?;
    let mut status: Option<ExitStatus> = None;
    let mut pause = LOOK[0];
    loop {
        if status.is_none()
            && let Some(ended) = child.try_wait().map_err(failed)?
        {
            status = Some(ended);
            deadline = deadline.min(Instant::now() + AFTERMATH);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        match status {
            Some(ended) if left.is_zero() || (stdout.pipe.is_none() && stderr.pipe.is_none()) => {
                return Ok(CommandOutput {
                    exit: ended.into(),
                    stdout: stdout.text(),
                    stderr: stderr.text(),
                });
            }
            None if left.is_zero() => {
                let said = stderr.text() + &stdout.text();
                return Err(ExecError::TimedOut { program: line.name(), limit: line.timeout, said });
            }
            None if line.cancel.is_cancelled() => return Err(ExecError::Cancelled(line.name())),
            _ => {}
        }
        let said = wait(&input, &stdout, &stderr, left.min(pause)).map_err(failed)?;
        pause = if said { LOOK[0] } else { (pause * 2).min(LOOK[1]) };
        input.write().map_err(failed)?;
        stdout.read().map_err(failed)?;
        stderr.read().map_err(failed)?;
        if stdout.bytes.len().max(stderr.bytes.len()) > LONGEST {
            return Err(ExecError::Endless(line.name()));
        }
    }
}

/// Waits until one of the pipes can be used, or the time is over. Whether one can.
fn wait(
    input: &Input<'_>,
    stdout: &Output<impl AsFd>,
    stderr: &Output<impl AsFd>,
    limit: Duration,
) -> io::Result<bool> {
    let limit = Timespec::try_from(limit).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
    let mut watched = Vec::with_capacity(3);
    watched.extend(input.pipe.iter().map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
    watched.extend(stdout.pipe.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    watched.extend(stderr.pipe.iter().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    match poll(&mut watched, Some(&limit)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What is written to the command, as far as it has not been.
struct Input<'a> {
    pipe: Option<ChildStdin>,
    left: &'a [u8],
}

/// What the command says on one stream. The pipe is dropped at its end.
struct Output<P> {
    pipe: Option<P>,
    bytes: Vec<u8>,
}

// === impl Input ===

impl<'a> Input<'a> {
    fn new(pipe: Option<ChildStdin>, bytes: Option<&'a [u8]>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe, left: bytes.unwrap_or_default() })
    }

    fn write(&mut self) -> io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        while !self.left.is_empty() {
            match pipe.write(self.left) {
                Ok(count) => self.left = &self.left[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It does not want to read it all, which is its business.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
                Err(error) => return Err(error),
            }
        }
        self.pipe = None;
        Ok(())
    }
}

// === impl Output ===

impl<P: Read + AsFd> Output<P> {
    fn new(pipe: Option<P>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe, bytes: Vec::new() })
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 << 10];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.bytes.len() > LONGEST {
                return Ok(());
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
