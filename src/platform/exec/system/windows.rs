//! A command in a job of its own; threads attend its pipes, because pipes cannot be polled here.

use std::io::Write;
use std::os::windows::io::AsHandle;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use super::{LONGEST, start};
use crate::platform::exec::{CommandLine, CommandOutput, ExecError};
use crate::platform::process::Job;

/// How often it is looked whether the answer is still wanted.
const LOOK: Duration = Duration::from_millis(20);

pub(super) fn run(line: &CommandLine) -> Result<CommandOutput, ExecError> {
    let failed = |error| line.failed(error);
    let mut child = start(line)?;
    // Ends everything that is in it when it is dropped, and with that the threads.
    let job = Job::new().map_err(failed)?;
    job.assign(child.as_handle()).map_err(failed)?;
    let (stdin, bytes) = (child.stdin.take(), line.stdin.clone());
    thread::scope(|threads| {
        threads.spawn(move || {
            if let (Some(mut pipe), Some(bytes)) = (stdin, bytes) {
                // It need not read it all.
                let _ = pipe.write_all(&bytes);
            }
        });
        let (sender, ended) = sync_channel(1);
        threads.spawn(move || {
            // Nobody waits any more when this fails.
            let _ = sender.send(child.wait_with_output());
        });
        let deadline = Instant::now() + line.timeout;
        let output = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match ended.recv_timeout(left.min(LOOK)) {
                Ok(output) => break output,
                Err(_) if line.cancel.is_cancelled() => {
                    job.kill().map_err(failed)?;
                    return Err(ExecError::Cancelled(line.name()));
                }
                Err(_) if left.is_zero() => {
                    job.kill().map_err(failed)?;
                    let said = String::new();
                    return Err(ExecError::TimedOut { program: line.name(), limit: line.timeout, said });
                }
                Err(_) => {}
            }
        };
        let output = output.map_err(failed)?;
        if output.stdout.len().max(output.stderr.len()) > LONGEST {
            return Err(ExecError::Endless(line.name()));
        }
        Ok(CommandOutput {
            exit: output.status.into(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    })
}
