//! Dev mode never reaches the default profile's files, not even through symbolic links.
//!
//! `profile::resolve` compares spellings; this compares what the file system makes of them, so it has to be asked
//! again whenever a path is new: at start, before a reset, and when an edit moves the workspace.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::profile::{DefaultProfile, ProfilePaths, shorten};

/// A path of the dev profile that reaches the default profile. The texts are for the person at the terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Escape {
    /// A symbolic link on the way leads there.
    #[error(
        "dev {what} {path} leads to {real}, which is the default profile's. Remove the symbolic link and start again"
    )]
    Link {
        /// What the path is.
        what: &'static str,
        /// The path as configured.
        path: String,
        /// Where it leads.
        real: String,
    },
    /// It is the default profile's, lies in it, or contains it.
    #[error("dev {what} {path} overlaps with {owner} of the default profile. {fix}")]
    Overlap {
        /// What the path is.
        what: &'static str,
        /// The path as configured.
        path: String,
        /// The directory of the default profile.
        owner: String,
        /// What to change.
        fix: String,
    },
}

/// Checks every path of a dev profile against the default profile's directories. Other profiles pass.
pub fn check_isolation(paths: &ProfilePaths, workspace: &Path) -> Result<(), Escape> {
    if !paths.dev_mode {
        return Ok(());
    }
    let home = &paths.home;
    let default = DefaultProfile::of(home);
    for (what, path) in [
        ("state directory", paths.state_dir.as_path()),
        ("config", paths.config_path.as_path()),
        ("workspace", workspace),
    ] {
        let real = real_path(path);
        for owner in [&default.state_dir, &default.workspace] {
            if !overlap(&real, &real_path(owner)) && !overlap(path, owner) {
                continue;
            }
            let name = shorten(path, home);
            if !overlap(path, owner) {
                return Err(Escape::Link { what, path: name, real: shorten(&real, &real_path(home)) });
            }
            let fix = match what {
                "workspace" => format!(
                    "Set agents.defaults.workspace in {} to another directory, for example {}",
                    shorten(&paths.config_path, home),
                    shorten(&paths.default_workspace, home)
                ),
                _ => "Unset CLAWDBOT_STATE_DIR and CLAWDBOT_CONFIG_PATH, or set them to a directory of their own".to_owned(),
            };
            return Err(Escape::Overlap { what, path: name, owner: shorten(owner, home), fix });
        }
    }
    Ok(())
}

/// Whether one of the two is, or lies in, the other.
pub(super) fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// `path` without symbolic links. What does not exist yet is taken as it is spelled; a link into nothing counts as
/// what it names, because creating the path would create that.
pub(super) fn real_path(path: &Path) -> PathBuf {
    /// As deep as Linux follows links.
    const DEPTH: u32 = 40;
    follow(path, DEPTH)
}

fn follow(path: &Path, depth: u32) -> PathBuf {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && depth > 0 => {}
        Ok(real) => return real,
        Err(_) => return path.to_owned(),
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return path.to_owned() };
    let parent = follow(parent, depth - 1);
    match fs::read_link(path) {
        Ok(target) => follow(&parent.join(target), depth - 1),
        Err(_) => parent.join(name),
    }
}

#[cfg(test)]
mod tests;
