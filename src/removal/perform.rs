//! Locks the profile, then removes what the plan says.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::plan::{Removal, plan};
use super::survey::survey;
use super::{RemovalError, Request};
use crate::harness::check_isolation;
use crate::platform::lock::{self, Attempt, Lock, try_lock, wait_until_free};
use crate::platform::trash;
use crate::profile::shorten;

/// How long somebody may take to end who has the profile.
const MOMENT: Duration = Duration::from_millis(200);

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In the order of removal; empty when there was nothing.
    pub removed: Vec<Removal>,
    /// Whether it went to the desktop's trash; otherwise it is gone.
    pub to_trash: bool,
}

/// What [`remove`] would remove now, or why it would refuse, unless the profile is in use. Changes nothing.
pub fn preview(request: &Request<'_>) -> Result<Vec<Removal>, RemovalError> {
    check(request)?;
    plan(&survey(request)?)
}

/// Refuses while a gateway or a harness runs on the profile. Changes nothing.
pub fn check_unused(request: &Request<'_>) -> Result<(), RemovalError> {
    check(request)?;
    let paths = request.paths;
    // Trying a lock makes its file; looking who holds it does not.
    for (lock, holder) in [(&paths.harness_lock, "harness"), (&paths.gateway_lock, "gateway")] {
        let held = lock::holder(lock)
            .map_err(|source| RemovalError::Lock { path: shorten(lock, &paths.home), source })?;
        if let Some(facts) = held {
            return Err(busy(holder, &facts));
        }
    }
    Ok(())
}

/// Removes what is wanted, as far as it is there. Refuses before the first removal whatever it refuses at all.
pub fn remove(request: &Request<'_>) -> Result<Report, RemovalError> {
    // Before the locks: they are files too, and must not be made in a foreign directory.
    check(request)?;
    let paths = request.paths;
    // A state directory that does not exist has nobody running on it.
    let _locks = if paths.state_dir.is_dir() { Some(lock(request)?) } else { None };
    let removals = plan(&survey(request)?)?;

    let data_home = request.env.get("XDG_DATA_HOME").map(PathBuf::from);
    let desktop = request.env.get("XDG_CURRENT_DESKTOP");
    let to_trash = trash::available(&paths.home, data_home.as_deref(), desktop);
    let show = |path: &Path| shorten(path, &paths.home);
    for (done, removal) in removals.iter().enumerate() {
        remove_path(&removal.path, to_trash).map_err(|source| RemovalError::Remove {
            path: show(&removal.path),
            before: match &removals[..done] {
                [] => "nothing".to_owned(),
                before => before.iter().map(|removal| show(&removal.path)).collect::<Vec<_>>().join(", "),
            },
            source,
        })?;
    }
    Ok(Report { removed: removals, to_trash })
}

fn check(request: &Request<'_>) -> Result<(), RemovalError> {
    if !request.wanted.workspaces {
        // What stays plays no part.
        return Ok(check_isolation(request.paths, &request.paths.state_dir)?);
    }
    for workspace in request.workspaces() {
        check_isolation(request.paths, workspace)?;
    }
    Ok(())
}

fn lock(request: &Request<'_>) -> Result<(Option<Lock>, Lock), RemovalError> {
    let harness = match request.harness_lock {
        Some(_) => None,
        None => Some(take(request, &request.paths.harness_lock, "harness")?),
    };
    Ok((harness, take(request, &request.paths.gateway_lock, "gateway")?))
}

fn take(request: &Request<'_>, path: &Path, holder: &'static str) -> Result<Lock, RemovalError> {
    let failed = |source| RemovalError::Lock { path: shorten(path, &request.paths.home), source };
    // One that ends just now is no reason to refuse.
    wait_until_free(path, MOMENT).map_err(failed)?;
    match try_lock(path).map_err(failed)? {
        Attempt::Held(lock) => Ok(lock),
        Attempt::Busy(facts) => Err(busy(holder, &facts)),
    }
}

fn busy(holder: &'static str, facts: &str) -> RemovalError {
    let facts = facts.split_whitespace().collect::<Vec<_>>().join(" ");
    let facts = if facts.is_empty() { facts } else { format!(" ({facts})") };
    RemovalError::Busy { holder, facts }
}

/// Nothing that a link points to is removed: the plan has refused links, and removal does not follow them.
fn remove_path(path: &Path, to_trash: bool) -> io::Result<()> {
    if to_trash {
        trash::move_to(path)
    } else if path.symlink_metadata()?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}
