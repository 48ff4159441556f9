//! A stand-in for the `tailscale` command: it notes what it was asked, and answers as a test wants.

use std::fs;
use std::path::{Path, PathBuf};

use super::home::Home;
use super::program;

/// The stand-in of one home.
#[derive(Debug)]
pub(crate) struct Tailscale {
    folder: PathBuf,
}

/// Notes its arguments, one line each time, and runs the answer to them.
const SCRIPT: &str = r#"#!/bin/sh
folder=${0%/bin/*}
echo "$*" >> "$folder/asked"
case "$1 $2" in
"status --json") answer=status ;;
"serve --bg" | "funnel --bg") answer=expose ;;
"serve reset" | "funnel reset") answer=reset ;;
"whois --json") answer="whois-$3" ;;
*) answer=unknown ;;
esac
if [ ! -f "$folder/$answer" ]; then
    echo "peer not found" >&2
    exit 1
fi
. "$folder/$answer"
"#;

impl Tailscale {
    /// A stand-in whose machine is connected, and that does what it is asked.
    pub(crate) fn install(home: &Home) -> Self {
        let script = home.write("tailscale/bin/tailscale", SCRIPT);
        make_executable(&script);
        let tailscale = Self { folder: home.path().join("tailscale") };
        tailscale.answer("status", &says("status-running.json"));
        tailscale.answer("expose", "exit 0");
        tailscale.answer("reset", "exit 0");
        tailscale
    }

    /// Sets the answer to one kind of question: lines of a shell script.
    pub(crate) fn answer(&self, question: &str, script: &str) {
        fs::write(self.folder.join(question), script).expect("an answer");
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.folder.join("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    /// A `PATH` on which it is found first.
    pub(crate) fn path(&self) -> String {
        let inherited = program::inherited("PATH").unwrap_or_default();
        format!("{}:{inherited}", self.folder.join("bin").display())
    }
}

/// An answer out of `fixtures/tailscale`.
pub(crate) fn says(fixture: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tailscale").join(fixture);
    format!("cat '{}'", path.display())
}

/// A complaint and an exit code.
pub(crate) fn complains(text: &str, code: i32) -> String {
    format!("cat >&2 <<'END'\n{text}\nEND\nexit {code}")
}

fn make_executable(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    #[cfg(not(unix))]
    let _ = path;
}
