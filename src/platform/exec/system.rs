//! The runner that really runs.

use std::io::{self, ErrorKind};
use std::process::{Child, Command, Stdio};

use super::{CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::platform::service_manager;

mod stream;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use stream::{Lines, Stream};

/// Most bytes that a command may say on one stream.
const LONGEST: usize = 8 << 20;

/// Runs commands of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRunner;

impl CommandRunner for SystemRunner {
    fn run(&self, command: &CommandLine) -> Result<CommandOutput, ExecError> {
        #[cfg(unix)]
        return unix::run(command);
        #[cfg(windows)]
        return windows::run(command);
    }
}

/// Starts it with pipes, as the leader of a group where there are groups.
#[expect(clippy::disallowed_methods, reason = "processes are started in platform")]
fn start(line: &CommandLine) -> Result<Child, ExecError> {
    let mut command = Command::new(&line.program);
    for name in service_manager::VARIABLES.iter().chain(&line.without) {
        command.env_remove(name);
    }
    if let Some(directory) = &line.directory {
        command.current_dir(directory);
    }
    command.args(&line.arguments).envs(line.env.iter().map(|(name, value)| (name, value)));
    command.stdin(if line.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => ExecError::NotFound(line.name()),
        ErrorKind::PermissionDenied => ExecError::NotExecutable(line.name()),
        _ if is_no_program(&error) => ExecError::NotExecutable(line.name()),
        _ => line.failed(error),
    })
}

/// Whether the system does not know how to execute such a file.
fn is_no_program(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error());
    #[cfg(not(unix))]
    return {
        let _ = error;
        false
    };
}

#[cfg(all(test, unix))]
mod tests;
