//! A temporary home directory, from which the program derives every path.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A home directory of its own, removed when dropped.
#[derive(Debug)]
pub(crate) struct Home {
    // Kept for its `Drop`; the path below is the same with symbolic links resolved.
    _dir: TempDir,
    path: PathBuf,
}

impl Home {
    /// An empty home.
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("clawdbot-home-").tempdir().expect("temporary directory");
        let path = fs::canonicalize(dir.path()).expect("canonical temporary directory");
        Self { _dir: dir, path }
    }

    /// A home with a default profile in use: configuration, credentials, a session, and a workspace.
    pub(crate) fn with_production() -> Self {
        let home = Self::new();
        home.write(
            ".clawdbot/clawdbot.json",
            "{\n  // Written by hand.\n  gateway: { mode: 'local', port: 18789, auth: { mode: 'token', token: 'prod-secret' } },\n}\n",
        );
        home.write(".clawdbot/.env", "ANTHROPIC_API_KEY=prod-key\n");
        home.write(".clawdbot/credentials/oauth.json", "{\"access\":\"prod\"}\n");
        home.write(".clawdbot/agents/main/sessions/sessions.json", "{}\n");
        home.write(".clawdbot/identity/device.json", "{\"version\":1}\n");
        home.write("clawd/AGENTS.md", "# Production agents\n");
        home.write("clawd/memory/2026-01-01.md", "A memory.\n");
        home
    }

    /// The home directory, canonical.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `~/.clawdbot-dev`.
    pub(crate) fn state(&self) -> PathBuf {
        self.path.join(".clawdbot-dev")
    }

    /// `~/.clawdbot-dev/clawdbot.json`.
    pub(crate) fn config(&self) -> PathBuf {
        self.state().join("clawdbot.json")
    }

    /// `~/clawd-dev`.
    pub(crate) fn workspace(&self) -> PathBuf {
        self.path.join("clawd-dev")
    }

    /// Writes a file below the home, with the directories above it; returns its path.
    pub(crate) fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.path.join(relative);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("directories");
        fs::write(&path, text).expect("file");
        path
    }

    /// Reads a file below the home.
    #[track_caller]
    pub(crate) fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path.join(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }
}

/// A dev configuration with the given top-level members besides the usual ones, as JSON5 text.
pub(crate) fn config_text(home: &Home, name: &str, more: &str) -> String {
    let workspace = serde_json::to_string(&home.workspace()).expect("a path is text");
    format!(
        "{{\n  gateway: {{ mode: \"local\", bind: \"loopback\" }},\n  agents: {{\n    defaults: {{ workspace: {workspace}, \
         skipBootstrap: true }},\n    list: [{{ id: \"dev\", default: true, workspace: {workspace}, identity: {{ name: \
         \"{name}\" }} }}],\n  }},\n  {more}\n}}\n"
    )
}
