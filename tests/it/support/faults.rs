//! Children that misbehave, in two ways. The program's file is replaced by a script that does what a test wants in
//! place of the gateway, and starts the real program for everything else; or a file names what a generation does
//! at a stage of its life, which only builds with debug assertions obey.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::home::Home;
use super::program::BINARY;

/// What the gateway child does instead of serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing wrong: serves, by way of the script.
    None,
    /// Says something on standard error and exits with 3.
    DiesAtStart,
    /// Never says a word.
    HangsAtStart,
    /// Serves, after 300 ms.
    StartsSlowly,
    /// Serves, and ignores SIGTERM.
    IgnoresTerm,
    /// Serves, and has written into the workspace before.
    WritesWorkspace,
    /// Serves, with a grandchild in the same group.
    Grandchild,
    /// Serves, with a grandchild in a session of its own, whose parent has already ended.
    Daemon,
}

/// Variable that names the file of [`Stages`].
pub(crate) const FAULT_FILE: &str = "CLAWDBOT_DEV_FAULT_FILE";

/// What generations do at which stage: a file that every generation reads at every stage.
#[derive(Debug)]
pub(crate) struct Stages {
    path: PathBuf,
}

impl Stages {
    /// No faults yet, in `home`.
    pub(crate) fn new(home: &Home) -> Self {
        Self { path: home.write("faults", "") }
    }

    /// For [`FAULT_FILE`].
    pub(crate) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// At `stage` (`prepare`, `ready`, `activate`, `serving`, `drain`, `released`), generation `from` and later
    /// ones do `action` (`hang`, `abort`, `exit`).
    pub(crate) fn set(&self, stage: &str, action: &str, from: u64) {
        fs::write(&self.path, format!("{stage} {action} {from}\n")).expect("faults");
    }

    /// No faults any more.
    pub(crate) fn clear(&self) {
        fs::write(&self.path, "").expect("faults");
    }
}

/// A program of one home that can be replaced while it runs.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
    real: PathBuf,
}

impl Program {
    /// A copy of the binary in `home`.
    pub(crate) fn install(home: &Home) -> Self {
        Self::install_from(Path::new(BINARY), home)
    }

    /// A copy of another binary.
    pub(crate) fn install_from(binary: &Path, home: &Home) -> Self {
        let folder = home.path().join("bin");
        fs::create_dir_all(&folder).expect("bin");
        let real = folder.join("real");
        if fs::hard_link(binary, &real).is_err() {
            fs::copy(binary, &real).expect("copy of the binary");
        }
        let path = folder.join("clawdbot");
        fs::copy(&real, &path).expect("program");
        Self { path, real }
    }

    /// What to start, and what the harness watches.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the program by a script with `fault`, as a build would: by a rename.
    pub(crate) fn replace(&self, fault: Fault) {
        let sleeper = "sleep 3600 >/dev/null 2>&1 </dev/null";
        let instead = match fault {
            Fault::None => String::new(),
            Fault::DiesAtStart => "echo 'cannot find my marbles' >&2; exit 3".to_owned(),
            Fault::HangsAtStart => format!("exec {sleeper}"),
            Fault::StartsSlowly => "sleep 0.3".to_owned(),
            Fault::IgnoresTerm => "trap '' TERM".to_owned(),
            Fault::WritesWorkspace => "date +%s%N >\"$HOME/clawd-dev/written-at-start.md\"".to_owned(),
            Fault::Grandchild => format!("{sleeper} &"),
            Fault::Daemon => format!("(setsid {sleeper} &)"),
        };
        let real = self.real.display();
        // A serial makes every script differ, so that even the same fault is a change.
        let serial = uuid::Uuid::new_v4();
        let script = format!(
            "#!/bin/sh\n# {serial}\ncase \"$1\" in\n__dev-child)\n{instead}\n;;\nesac\nexec '{real}' \"$@\"\n"
        );
        drop(self.swap(script.as_bytes()));
    }

    /// Replaces the program by another build of the real one.
    pub(crate) fn rebuild(&self) {
        drop(self.swap(&self.another_build()));
    }

    /// The same, with a file that is complete and in its place but still open for writing. Drop it to close it.
    pub(crate) fn rebuild_and_hold(&self) -> fs::File {
        self.swap(&self.another_build())
    }

    fn another_build(&self) -> Vec<u8> {
        let mut bytes = fs::read(&self.real).expect("real program");
        // Bytes after the last section change the file and nothing else.
        bytes.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
        bytes
    }

    fn swap(&self, bytes: &[u8]) -> fs::File {
        let aside = self.path.with_extension("new");
        let mut file = fs::File::create(&aside).expect("new program");
        file.write_all(bytes).expect("new program");
        fs::set_permissions(&aside, fs::Permissions::from_mode(0o755)).expect("executable");
        fs::rename(&aside, &self.path).expect("program replaced");
        file
    }
}
