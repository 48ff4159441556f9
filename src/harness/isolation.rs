//! Dev mode never reaches the default profile's files, not even through symbolic links.
//!
//! `profile::resolve` compares spellings; this compares what the file system makes of them, so it has to be asked
//! again whenever a path is new: at start, before a reset, and when an edit moves the workspace.

use std::path::Path;

use crate::platform::real_path::real_path;
use crate::profile::{DefaultProfile, ProfilePaths, shorten};
use crate::settings::TlsSettings;

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
    let own = "Unset CLAWDBOT_STATE_DIR and CLAWDBOT_CONFIG_PATH, or set them to a directory of their own";
    let other_workspace = format!(
        "Set agents.defaults.workspace in {} to another directory, for example {}",
        shorten(&paths.config_path, home),
        shorten(&paths.default_workspace, home)
    );
    check(paths, "state directory", &paths.state_dir, own)?;
    check(paths, "config", &paths.config_path, own)?;
    check(paths, "workspace", workspace, &other_workspace)
}

/// Checks the files that a dev profile's TLS is made from.
pub fn check_tls_isolation(paths: &ProfilePaths, tls: &TlsSettings) -> Result<(), Escape> {
    if !paths.dev_mode {
        return Ok(());
    }
    let fix = "Give the dev profile a certificate of its own: remove gateway.tls.certPath and gateway.tls.keyPath to have \
               one made";
    check(paths, "certificate", &tls.cert_path, fix)?;
    check(paths, "private key", &tls.key_path, fix)?;
    tls.ca_path
        .iter()
        .try_for_each(|path| check(paths, "authority certificate", path, "Name another gateway.tls.caPath"))
}

/// Checks the log file, which the configuration may put anywhere.
pub(super) fn check_log_file(paths: &ProfilePaths, file: &Path) -> Result<(), Escape> {
    if !paths.dev_mode {
        return Ok(());
    }
    let fix = format!(
        "Set logging.file in {} to another file, or remove it: the default is {}",
        shorten(&paths.config_path, &paths.home),
        shorten(&paths.log_file, &paths.home)
    );
    check(paths, "log file", file, &fix)
}

fn check(paths: &ProfilePaths, what: &'static str, path: &Path, fix: &str) -> Result<(), Escape> {
    let home = &paths.home;
    let default = DefaultProfile::of(home);
    let real = real_path(path);
    for owner in [&default.state_dir, &default.workspace] {
        let name = shorten(path, home);
        if overlap(path, owner) {
            let owner = shorten(owner, home);
            return Err(Escape::Overlap { what, path: name, owner, fix: fix.to_owned() });
        }
        if overlap(&real, &real_path(owner)) {
            return Err(Escape::Link { what, path: name, real: shorten(&real, &real_path(home)) });
        }
    }
    Ok(())
}

/// Whether one of the two is, or lies in, the other.
pub(crate) fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests;
