//! What a reset would find: reads, changes nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::plan::{Facts, Found, Part, WorkspaceFacts};
use super::{ResetError, ResetRequest};
use crate::harness::seed::WORKSPACE;
use crate::platform::git;
use crate::platform::real_path::real_path;
use crate::profile::{DefaultProfile, shorten};

/// Looks at every part of the profile. A directory that cannot be read stops the reset: what is in it is unknown.
pub(super) fn survey(request: &ResetRequest<'_>) -> Result<Facts, ResetError> {
    let paths = request.paths;
    let failed = |path: &Path, source| ResetError::Survey { path: shorten(path, &paths.home), source };
    let mut found = Vec::new();
    let mut look = |part: Part, path: PathBuf| match examine(part, &path) {
        Ok(Some(part)) => {
            found.push(part);
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(source) => Err(failed(&path, source)),
    };
    look(Part::Config, paths.config_path.clone())?;
    look(Part::Credentials, paths.state_dir.join("credentials"))?;
    let agents = paths.state_dir.join("agents");
    for id in entries(&agents).map_err(|source| failed(&agents, source))? {
        look(Part::Sessions(id.clone()), agents.join(id).join("sessions"))?;
    }
    let workspace = request.workspace();
    look(Part::Workspace, workspace.to_owned())?;

    let default = DefaultProfile::of(&paths.home);
    Ok(Facts {
        home: paths.home.clone(),
        real_home: real_path(&paths.home),
        real_state_dir: real_path(&paths.state_dir),
        default_profile: [real_path(&default.state_dir), real_path(&default.workspace)],
        found,
        workspace: workspace_facts(workspace).map_err(|source| failed(workspace, source))?,
        discard_unsaved: request.discard_unsaved,
    })
}

/// `None` when there is nothing.
fn examine(part: Part, path: &Path) -> io::Result<Option<Found>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(Found {
            part,
            path: path.to_owned(),
            real: real_path(path),
            is_link: metadata.is_symlink(),
            is_directory: metadata.is_dir(),
        })),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names of the directory's entries, sorted; none when there is no such directory.
fn entries(directory: &Path) -> io::Result<Vec<String>> {
    let listing = match fs::read_dir(directory) {
        Err(error) if is_absence(&error) => return Ok(Vec::new()),
        listing => listing?,
    };
    let mut names = Vec::new();
    for entry in listing {
        // Agent ids are ASCII; a name that is not Unicode is not an agent's.
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn workspace_facts(workspace: &Path) -> io::Result<WorkspaceFacts> {
    if !workspace.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
        // Nothing to look into; the plan refuses what is in the way.
        return Ok(WorkspaceFacts { recognised: true, unsaved: None });
    }
    let names = entries(workspace)?;
    let seeded = |name: &String| WORKSPACE.iter().any(|(seeded, _)| seeded == name);
    // git speaks of real paths.
    let unsaved = git::unsaved_work(&real_path(workspace)).map(|work| (work.checkout, work.what));
    Ok(WorkspaceFacts { recognised: names.is_empty() || names.iter().any(seeded), unsaved })
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
