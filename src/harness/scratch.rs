//! Tests only: a home directory that goes away, and the profile in it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::profile::{EnvMap, ProfilePaths, ProfileRequest, resolve};

/// A temporary home with a resolved profile.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// The profile.
    pub(crate) paths: ProfilePaths,
    _home: TempDir,
}

impl Scratch {
    pub(crate) fn dev() -> Self {
        Self::new(true)
    }

    pub(crate) fn default_profile() -> Self {
        Self::new(false)
    }

    fn new(dev: bool) -> Self {
        let directory = TempDir::new().unwrap();
        // Real, because a temporary directory may itself be reached through a link.
        let home = directory.path().canonicalize().unwrap();
        let request = ProfileRequest { dev_after_command: dev, ..ProfileRequest::default() };
        let paths = resolve(&request, &EnvMap::default(), Some(home)).unwrap().paths;
        Self { paths, _home: directory }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.paths.home
    }

    pub(crate) fn directory(&self, path: &str) -> PathBuf {
        let path = self.home().join(path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn file(&self, path: &str, content: &str) -> PathBuf {
        let path = self.home().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    #[cfg(unix)]
    pub(crate) fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.home().join(path)).unwrap();
    }

    /// Every path below home with its content, links as links: equal exactly when nothing was touched.
    pub(crate) fn snapshot(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        collect(self.home(), &mut found);
        found.sort();
        found
    }
}

fn collect(directory: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.symlink_metadata().unwrap().file_type();
        if kind.is_dir() {
            found.push((path.clone(), "directory".to_owned()));
            collect(&path, found);
        } else if kind.is_symlink() {
            found.push((path.clone(), format!("-> {}", fs::read_link(&path).unwrap().display())));
        } else {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
}
