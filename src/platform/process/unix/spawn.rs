//! Starting a process of our own in the background, by way of `posix_spawn`.

use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// Starts `image` with an empty environment, nothing but `stdin` open, and its own process group, so that the
/// terminal's Ctrl-C is not for it. Must run inside a runtime; the process survives when the result is dropped.
///
/// No code of ours runs between fork and exec, so the standard library can use `posix_spawn`, which does not copy
/// this process.
#[expect(clippy::disallowed_methods, reason = "processes are started here")]
pub(crate) fn spawn_in_background(
    image: &Path,
    name: &OsStr,
    arguments: &[&str],
    stdin: OwnedFd,
) -> io::Result<Child> {
    Command::new(image)
        .arg0(name)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::from(stdin))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}
