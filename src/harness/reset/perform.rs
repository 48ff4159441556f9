//! Locks the profile, then removes what the plan says.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ResetError;
use super::plan::{Removal, plan};
use super::survey::survey;
use crate::harness::isolation::check_isolation;
use crate::platform::lock::{Attempt, Lock, try_lock};
use crate::platform::trash;
use crate::profile::{EnvMap, ProfilePaths, shorten};

/// What to reset.
#[derive(Debug)]
pub struct ResetRequest<'a> {
    /// The profile; must be in dev mode.
    pub paths: &'a ProfilePaths,
    /// The environment, which tells whether there is a desktop.
    pub env: &'a EnvMap,
    /// The workspace that the dev configuration names; `None` means the profile's own. A configuration that cannot
    /// be read names none.
    pub configured_workspace: Option<&'a Path>,
    /// `--yes`: a checkout with unsaved work may go.
    pub discard_unsaved: bool,
    /// The harness lock when the caller holds it; otherwise it is held during the reset.
    pub harness_lock: Option<&'a Lock>,
}

/// What a reset removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetReport {
    /// In the order of removal; empty when there was nothing.
    pub removed: Vec<Removal>,
    /// Whether it went to the desktop's trash; otherwise it is gone.
    pub to_trash: bool,
}

impl ResetRequest<'_> {
    pub(super) fn workspace(&self) -> &Path {
        self.configured_workspace.unwrap_or(&self.paths.default_workspace)
    }

    fn show(&self, path: &Path) -> String {
        shorten(path, &self.paths.home)
    }
}

/// Removes the profile's configuration, credentials, sessions, and workspace. Refuses before the first removal
/// whatever it refuses at all.
pub fn reset(request: &ResetRequest<'_>) -> Result<ResetReport, ResetError> {
    let paths = request.paths;
    if !paths.dev_mode {
        return Err(ResetError::NotDev);
    }
    // Before the locks: they are files too, and must not be made in a foreign directory.
    check_isolation(paths, request.workspace())?;
    // A state directory that does not exist has nobody running on it.
    let _locks = if paths.state_dir.is_dir() { Some(lock(request)?) } else { None };
    let removals = plan(&survey(request)?)?;

    let data_home = request.env.get("XDG_DATA_HOME").map(PathBuf::from);
    let desktop = request.env.get("XDG_CURRENT_DESKTOP");
    let to_trash = trash::available(&paths.home, data_home.as_deref(), desktop);
    for (done, removal) in removals.iter().enumerate() {
        remove(&removal.path, to_trash).map_err(|source| ResetError::Remove {
            path: request.show(&removal.path),
            before: match &removals[..done] {
                [] => "nothing".to_owned(),
                before => {
                    before.iter().map(|removal| request.show(&removal.path)).collect::<Vec<_>>().join(", ")
                }
            },
            source,
        })?;
    }
    Ok(ResetReport { removed: removals, to_trash })
}

fn lock(request: &ResetRequest<'_>) -> Result<(Option<Lock>, Lock), ResetError> {
    let take = |path: &Path, holder: &'static str| match try_lock(path) {
        Ok(Attempt::Held(lock)) => Ok(lock),
        Ok(Attempt::Busy(facts)) => {
            let facts = facts.split_whitespace().collect::<Vec<_>>().join(" ");
            let facts = if facts.is_empty() { facts } else { format!(" ({facts})") };
            Err(ResetError::Busy { holder, facts })
        }
        Err(source) => Err(ResetError::Lock { path: request.show(path), source }),
    };
    let harness = match request.harness_lock {
        Some(_) => None,
        None => Some(take(&request.paths.harness_lock, "harness")?),
    };
    Ok((harness, take(&request.paths.gateway_lock, "gateway")?))
}

/// Nothing that a link points to is removed: the plan has refused links, and removal does not follow them.
fn remove(path: &Path, to_trash: bool) -> io::Result<()> {
    if to_trash {
        trash::move_to(path)
    } else if path.symlink_metadata()?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}
