//! First run: the dev configuration and workspace, each file only if missing. What a person wrote is never
//! touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::isolation::{Escape, check_isolation};
use crate::platform::atomic;
use crate::profile::{ProfilePaths, shorten};

/// Contents of the dev configuration; the workspace is filled in.
const CONFIG: &str = include_str!("../../dev/config/clawdbot.json");

/// Name and content of every workspace file.
const WORKSPACE: [(&str, &str); 5] = [
    ("AGENTS.md", include_str!("../../dev/workspace/AGENTS.md")),
    ("SOUL.md", include_str!("../../dev/workspace/SOUL.md")),
    ("TOOLS.md", include_str!("../../dev/workspace/TOOLS.md")),
    ("IDENTITY.md", include_str!("../../dev/workspace/IDENTITY.md")),
    ("USER.md", include_str!("../../dev/workspace/USER.md")),
];

/// Names of the workspace files, which a generation reads when it loads.
pub const WORKSPACE_FILES: [&str; 5] =
    [WORKSPACE[0].0, WORKSPACE[1].0, WORKSPACE[2].0, WORKSPACE[3].0, WORKSPACE[4].0];

/// What seeding created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedReport {
    /// The workspace.
    pub workspace: PathBuf,
    /// Whether the configuration file was created.
    pub config_created: bool,
    /// Whether the workspace directory was created.
    pub workspace_created: bool,
    /// Names of the workspace files that were created.
    pub files: Vec<&'static str>,
}

/// Why the dev profile could not be completed. The texts are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A path reaches the default profile.
    #[error(transparent)]
    Escape(#[from] Escape),
    /// Something else than a directory is in the way.
    #[error("dev {what} {path} is not a directory. {fix}")]
    NotADirectory {
        /// What the path is.
        what: &'static str,
        /// The path.
        path: String,
        /// What to do.
        fix: String,
    },
    /// The configuration file is no file.
    #[error("dev config {0} is a directory. Move it away and start again")]
    ConfigIsADirectory(String),
    /// The system refused.
    #[error("failed to create {path}: {source}. {fix}")]
    Create {
        /// The path.
        path: String,
        /// What to do.
        fix: String,
        /// Why.
        source: io::Error,
    },
}

/// Creates what is missing of a dev profile: state directory (0700), configuration (0600), workspace and its files.
///
/// `workspace` is the one that the configuration names, else the profile's own. An existing configuration is
/// neither read nor changed.
pub fn seed(paths: &ProfilePaths, workspace: &Path) -> Result<SeedReport, SeedError> {
    check_isolation(paths, workspace)?;
    let config_created = seed_config(paths, workspace)?;
    let (workspace_created, files) = seed_workspace(paths, workspace)?;
    Ok(SeedReport { workspace: workspace.to_owned(), config_created, workspace_created, files })
}

fn seed_config(paths: &ProfilePaths, workspace: &Path) -> Result<bool, SeedError> {
    let show = |path: &Path| shorten(path, &paths.home);
    let fix = |error: &io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Free some space on that disk".to_owned()
        }
        _ => "Make the directory above it writable for you, or set HOME to a directory that is".to_owned(),
    };
    let directories = [Some(paths.state_dir.as_path()), paths.config_path.parent()];
    for directory in directories.into_iter().flatten() {
        if directory.symlink_metadata().is_ok() && !directory.is_dir() {
            let fix = "Move it away and start again".to_owned();
            return Err(SeedError::NotADirectory { what: "state directory", path: show(directory), fix });
        }
        atomic::private_directory(directory).map_err(|source| SeedError::Create {
            path: show(directory),
            fix: fix(&source),
            source,
        })?;
    }
    match paths.config_path.symlink_metadata() {
        Ok(found) if found.is_dir() => return Err(SeedError::ConfigIsADirectory(show(&paths.config_path))),
        Ok(_) => return Ok(false),
        Err(_) => {}
    }
    atomic::create(&paths.config_path, config_text(workspace).as_bytes())
        .map_err(|source| SeedError::Create { path: show(&paths.config_path), fix: fix(&source), source })
}

/// The template with the workspace filled in, two spaces of indentation, and a final newline.
fn config_text(workspace: &Path) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(CONFIG) else { return CONFIG.to_owned() };
    for pointer in ["/agents/defaults/workspace", "/agents/list/0/workspace"] {
        if let Some(value) = document.pointer_mut(pointer) {
            *value = Value::String(workspace.to_string_lossy().into_owned());
        }
    }
    format!("{document:#}\n")
}

fn seed_workspace(paths: &ProfilePaths, workspace: &Path) -> Result<(bool, Vec<&'static str>), SeedError> {
    let fix = || {
        format!(
            "Make it a directory that you can write to, or set agents.defaults.workspace in {} to another one",
            shorten(&paths.config_path, &paths.home)
        )
    };
    let created = match workspace.metadata() {
        Ok(found) if found.is_dir() => false,
        Ok(_) => {
            let path = shorten(workspace, &paths.home);
            return Err(SeedError::NotADirectory { what: "workspace", path, fix: fix() });
        }
        Err(_) => true,
    };
    let failed =
        |path: &Path, source| SeedError::Create { path: shorten(path, &paths.home), fix: fix(), source };
    if created {
        fs::create_dir_all(workspace).map_err(|source| failed(workspace, source))?;
    }
    let mut files = Vec::new();
    for (name, content) in WORKSPACE {
        let path = workspace.join(name);
        if path.symlink_metadata().is_ok() {
            continue;
        }
        if atomic::create_readable(&path, content.as_bytes()).map_err(|source| failed(&path, source))? {
            files.push(name);
        }
    }
    Ok((created, files))
}

#[cfg(test)]
mod tests;
