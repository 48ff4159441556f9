//! What a removal would find: reads, changes nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::plan::{Content, Facts, Found, Part, SIGNS_OF_STATE, SIGNS_OF_WORKSPACE};
use super::{RemovalError, Request};
use crate::platform::git;
use crate::platform::real_path::real_path;
use crate::profile::{DefaultProfile, shorten};

/// Looks at every part that is wanted. A directory that cannot be read stops the removal: what is in it is unknown.
pub(super) fn survey(request: &Request<'_>) -> Result<Facts, RemovalError> {
    let (paths, wanted) = (request.paths, request.wanted);
    let failed = |path: &Path, source| RemovalError::Survey { path: shorten(path, &paths.home), source };
    let mut found = Vec::new();
    let mut look = |part: Part, path: PathBuf| match examine(part, &path) {
        Ok(part) => {
            found.extend(part);
            Ok(())
        }
        Err(source) => Err(failed(&path, source)),
    };
    if wanted.state {
        look(Part::State, paths.state_dir.clone())?;
    }
    if wanted.config || wanted.state {
        look(Part::Config, paths.config_path.clone())?;
    }
    if wanted.records && !wanted.state {
        look(Part::Credentials, paths.state_dir.join("credentials"))?;
        let agents = paths.state_dir.join("agents");
        for id in entries(&agents).map_err(|source| failed(&agents, source))? {
            look(Part::Sessions(id.clone()), agents.join(id).join("sessions"))?;
        }
    }
    if wanted.workspaces {
        for workspace in request.workspaces() {
            look(Part::Workspace, workspace.clone())?;
        }
    }

    let default = DefaultProfile::of(&paths.home);
    let is_default = paths.name.is_none() && !paths.dev_mode;
    let default_profile = if is_default {
        Vec::new()
    } else {
        [default.state_dir, default.workspace].map(|path| real_path(&path)).into()
    };
    Ok(Facts {
        home: paths.home.clone(),
        real_home: real_path(&paths.home),
        real_state_dir: real_path(&paths.state_dir),
        default_profile,
        found,
        discard_unsaved: request.discard_unsaved,
        discard_flag: request.discard_flag,
    })
}

/// `None` when there is nothing.
fn examine(part: Part, path: &Path) -> io::Result<Option<Found>> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (is_link, is_directory) = (metadata.is_symlink(), metadata.is_dir());
    let content = match part {
        // Where it is something else, there is nothing to look into; the plan refuses it.
        _ if !is_directory => None,
        Part::State => Some(content(path, &SIGNS_OF_STATE)?),
        Part::Workspace => Some(content(path, &SIGNS_OF_WORKSPACE)?),
        Part::Config | Part::Credentials | Part::Sessions(_) => None,
    };
    Ok(Some(Found { part, path: path.to_owned(), real: real_path(path), is_link, is_directory, content }))
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

fn content(directory: &Path, signs: &[&str]) -> io::Result<Content> {
    let names = entries(directory)?;
    // git speaks of real paths.
    let unsaved = git::unsaved_work(&real_path(directory)).map(|work| (work.checkout, work.what));
    let is_sign = |name: &String| signs.contains(&name.as_str());
    Ok(Content { recognised: names.is_empty() || names.iter().any(is_sign), unsaved })
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
