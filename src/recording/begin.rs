//! The beginning of a recording: its directory, how the gateway was started, and the profile as it is.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::start::{FORMAT, Start};
use super::{base, layout, room};
use crate::config::{Config, ConfigSnapshot};
use crate::platform::{atomic, clock, lock, tree};
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::{GatewaySettings, Secret, configured_workspaces};

/// What is recorded.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The profile.
    pub paths: ProfilePaths,
    /// The workspace of the default agent.
    pub workspace: PathBuf,
    /// Those of other agents, which are not copied.
    pub other_workspaces: Vec<PathBuf>,
    /// The configuration with everything that it includes.
    pub config_files: Vec<PathBuf>,
    /// The command line, without the name of the program.
    pub args: Vec<Secret>,
    /// The environment.
    pub env: EnvMap,
}

impl Facts {
    /// What is recorded of a gateway with these settings.
    pub fn of(
        paths: &ProfilePaths,
        settings: &GatewaySettings,
        snapshot: &ConfigSnapshot,
        env: &EnvMap,
        args: &[Secret],
    ) -> Self {
        let workspaces = configured_workspaces(&Config::from_resolved(&snapshot.resolved), paths);
        Self {
            paths: paths.clone(),
            workspace: settings.workspace.clone(),
            other_workspaces: workspaces.into_iter().filter(|other| *other != settings.workspace).collect(),
            config_files: snapshot.files.clone(),
            args: args.to_vec(),
            env: env.clone(),
        }
    }
}

/// A recording that has begun. As long as this lives, or somebody records there, it is not made room of.
#[derive(Debug)]
pub struct Begun {
    path: PathBuf,
    start: Start,
    _lock: lock::Shared,
}

/// Begins a recording below `directory`, which is made when it is not there, for its user alone, and copies the
/// profile. Blocks.
pub fn begin(directory: &Path, facts: &Facts) -> io::Result<Begun> {
    let mut begun = Begun::open(directory, facts)?;
    match begun.copy(facts) {
        Ok(()) => Ok(begun),
        Err(error) => {
            begun.discard();
            Err(error)
        }
    }
}

impl Begun {
    /// Makes the directory and says how the gateway was started. Blocks.
    pub(crate) fn open(directory: &Path, facts: &Facts) -> io::Result<Self> {
        atomic::private_directory(directory)?;
        let path = create(directory, clock::unix_ms())?;
        let lock = lock::share(&path.join(layout::LOCK))?;
        let variables = facts.env.iter().filter(|(name, _)| name.starts_with("CLAWDBOT_"));
        let start = Start {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            home: facts.paths.home.clone(),
            state_dir: facts.paths.state_dir.clone(),
            config_path: facts.paths.config_path.clone(),
            workspace: facts.workspace.clone(),
            profile: facts.paths.name.as_ref().map(|name| name.as_str().to_owned()),
            args: facts.args.iter().map(|argument| argument.expose().to_owned()).collect(),
            env: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            base_bytes: None,
            left_out: Vec::new(),
            left_out_more: 0,
        };
        start.write(&path)?;
        Ok(Self { path, start, _lock: lock })
    }

    /// Copies the profile. Blocks.
    pub(crate) fn copy(&mut self, facts: &Facts) -> io::Result<()> {
        let copy = base::copy(facts, &self.path)?;
        self.start.base_bytes = Some(copy.bytes);
        self.start.left_out = copy.left_out;
        self.start.left_out_more = copy.left_out_more;
        self.start.write(&self.path)?;
        room::for_copies(&self.path)
    }

    /// Removes it: half of one is of use to nobody. Blocks.
    pub(crate) fn discard(self) {
        if let Err(error) = tree::remove(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "failed to remove a recording");
        }
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A directory that was not there. The next moment's, when there is one of this moment.
fn create(directory: &Path, now_ms: u64) -> io::Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let mut moment = now_ms;
    loop {
        let path = directory.join(layout::recording(moment));
        match builder.create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => moment += 1,
            Err(error) => return Err(error),
        }
    }
}
