//! The person's editor, in the foreground of their terminal.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

/// A directory for what is edited, which nobody else can enter: editors leave files beside it.
pub fn private_directory() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("clawdbot-edit-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// Opens `file` in `editor`, which may come with arguments (`code --wait`), and waits for its end.
#[expect(clippy::disallowed_methods, reason = "the one place that starts an editor")]
pub fn edit(editor: &str, file: &Path) -> io::Result<ExitStatus> {
    // Read by the shell, as every program that asks for an editor has it read.
    #[cfg(unix)]
    let mut command = {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{editor} \"$@\""), editor]).arg(file);
        command
    };
    #[cfg(not(unix))]
    let mut command = {
        let mut command = Command::new("cmd");
        command.arg("/C").arg(editor).arg(file);
        command
    };
    command.status()
}
