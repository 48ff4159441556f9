//! Processes that stay in the session of this one, in a group of their own, so that a signal for them is not for us.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;

use rustix::process::Signal;
use tokio::process::{Child, Command};

use super::children::{Target, signal};

/// Starts a command on this process's own standard streams; it is looked up in the `PATH` of `env`. Must run inside
/// a runtime; the process survives when the result is dropped.
#[expect(clippy::disallowed_methods, reason = "processes are started here")]
pub(crate) fn attached(command: &[String], env: &BTreeMap<String, String>) -> io::Result<Child> {
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Command::new(program).args(arguments).env_clear().envs(env).process_group(0).spawn()
}

/// Starts a program whose output is read here, and whose input is empty.
#[expect(clippy::disallowed_methods, reason = "processes are started here")]
pub(crate) fn piped(
    program: &Path,
    arguments: &[String],
    env: &BTreeMap<String, String>,
    directory: &Path,
) -> io::Result<Child> {
    Command::new(program)
        .arg0("clawdbot")
        .args(arguments)
        .env_clear()
        .envs(env)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Sends a signal to the group of a child that is not collected yet.
pub(crate) fn signal_group(child: &Child, number: Signal) {
    if let Some(pid) = child.id() {
        signal(Target::Group(pid), number);
    }
}
