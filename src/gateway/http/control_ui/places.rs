//! Where the built files of the Control UI are: where somebody says, or in an installed package of the published program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::files::Files;
use super::target::INDEX;
use crate::platform::in_path;

/// Where the package keeps them.
const IN_PACKAGE: &str = "dist/control-ui";

/// What the package is called, and its program.
const PACKAGE: &str = "clawdbot";

/// What is remembered about the files.
#[derive(Debug, Default)]
pub(crate) struct ControlUi {
    /// Their hashes.
    pub(super) files: Files,
    /// The directory of the installed package that was found.
    found: Mutex<Option<PathBuf>>,
    /// Whether the log says that the directory holds none.
    told: AtomicBool,
}

// === impl ControlUi ===

impl ControlUi {
    /// The directory of the files: `configured`, else that of a package whose program is in `path`. `None` when there is
    /// none. A package that is installed later is found later. Blocks.
    pub(super) fn root(&self, configured: Option<&Path>, path: Option<&str>) -> Option<PathBuf> {
        if let Some(root) = configured {
            return Some(root.to_owned());
        }
        let found = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found().clone().filter(|root| has_index(root));
        let root = known.or_else(|| installed(IN_PACKAGE, path));
        found().clone_from(&root);
        root
    }

    /// Tells whoever reads the log, once: browsers ask for more than the page.
    pub(super) fn tell_missing(&self, root: &Path) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(directory = %root.display(), "no Control UI: the directory has no {INDEX}");
        }
    }
}

/// A folder of the installed package whose program is in `path`, when it has a page. Blocks.
pub(in crate::gateway::http) fn installed(folder: &str, path: Option<&str>) -> Option<PathBuf> {
    in_path::every(PACKAGE, path).find_map(|program| {
        packages(&program).into_iter().map(|package| package.join(folder)).find(|root| has_index(root))
    })
}

/// Where the package of a program may be. npm and bun make links to what is inside of it; pnpm, and npm on Windows, make
/// small scripts beside a directory of packages.
fn packages(program: &Path) -> Vec<PathBuf> {
    let real = std::fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let above = real.ancestors().skip(1).filter(|directory| directory.join("package.json").is_file());
    let mut packages: Vec<PathBuf> = above.map(Path::to_owned).collect();
    for directory in [program.parent(), real.parent()].into_iter().flatten() {
        for places in ["node_modules", "../lib/node_modules", "global/5/node_modules"] {
            packages.push(directory.join(places).join(PACKAGE));
        }
    }
    packages
}

/// Whether the files are there.
pub(super) fn has_index(root: &Path) -> bool {
    root.join(INDEX).is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn write(path: &Path, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A package with its files, and with `program` in it.
    fn install(package: &Path) -> PathBuf {
        write(&package.join("package.json"), 0o644);
        write(&package.join("dist/control-ui/index.html"), 0o644);
        write(&package.join("dist/entry.js"), 0o755);
        package.join("dist/entry.js")
    }

    #[test]
    fn every_package_manager_has_its_place() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        // A program without a package, as this one is.
        write(&root.join("plain/clawdbot"), 0o755);
        // npm: a link.
        fs::create_dir_all(root.join("npm/bin")).unwrap();
        let entry = install(&root.join("npm/lib/node_modules/clawdbot"));
        symlink(entry, root.join("npm/bin/clawdbot")).unwrap();
        // pnpm: a script beside its packages.
        install(&root.join("pnpm/global/5/node_modules/clawdbot"));
        write(&root.join("pnpm/clawdbot"), 0o755);
        for (path, expected) in [
            ("plain", None),
            ("npm/bin", Some("npm/lib/node_modules/clawdbot")),
            ("pnpm", Some("pnpm/global/5/node_modules/clawdbot")),
        ] {
            let path = format!("{}:{}", root.join("plain").display(), root.join(path).display());
            let expected = expected.map(|package| root.join(package).join(IN_PACKAGE));
            assert_eq!(ControlUi::default().root(None, Some(&path)), expected, "{path}");
        }
        assert_eq!(ControlUi::default().root(Some(Path::new("/said")), None), Some("/said".into()));
    }

    #[test]
    fn a_package_that_comes_and_goes_is_followed() {
        let scratch = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(scratch.path()).unwrap();
        let path = root.join("bin").display().to_string();
        write(&root.join("bin/clawdbot"), 0o755);
        let ui = ControlUi::default();
        assert_eq!(ui.root(None, Some(&path)), None);
        let package = root.join("lib/node_modules/clawdbot");
        install(&package);
        let found = ui.root(None, Some(&path)).unwrap();
        assert_eq!(fs::canonicalize(found).unwrap(), package.join(IN_PACKAGE));
        fs::remove_dir_all(&package).unwrap();
        assert_eq!(ui.root(None, Some(&path)), None);
    }
}
