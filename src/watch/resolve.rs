//! Where a path leads, link by link, and which names on the way decide that. Looks at the file system; watches
//! nothing.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many links as the kernel follows.
const LINKS: usize = 40;

/// The way of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resolution {
    /// Directories, free of links, with the name in each whose appearance, disappearance, or replacement sends
    /// the path elsewhere: every link on the way, and last the thing itself or the first name that is missing.
    pub hinges: Vec<(PathBuf, OsString)>,
    pub end: End,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Missing,
    Directory,
    /// Anything but a directory.
    File,
}

/// Follows an absolute path.
pub(super) fn resolve(path: &Path) -> Resolution {
    let mut hinges = Vec::new();
    let mut here = PathBuf::new();
    let mut ahead = VecDeque::new();
    prepend(&mut ahead, path);
    let mut links = 0;
    while let Some(step) = ahead.pop_front() {
        let name = match step {
            Step::Root(root) => {
                here = root;
                continue;
            }
            Step::Up => {
                here.pop();
                continue;
            }
            Step::Down(name) => name,
        };
        let there = here.join(&name);
        let kind = fs::symlink_metadata(&there).map(|metadata| metadata.file_type());
        let last = ahead.is_empty();
        match kind {
            Ok(kind) if kind.is_symlink() && links < LINKS => {
                links += 1;
                hinges.push((here.clone(), name));
                match fs::read_link(&there) {
                    Ok(target) => prepend(&mut ahead, &target),
                    Err(_) => return Resolution { hinges, end: End::Missing },
                }
            }
            Ok(kind) if kind.is_dir() && !last => here = there,
            kind => {
                hinges.push((here, name));
                let end = match kind {
                    Ok(kind) if kind.is_dir() => End::Directory,
                    Ok(kind) if last && !kind.is_symlink() => End::File,
                    _ => End::Missing,
                };
                return Resolution { hinges, end };
            }
        }
    }
    Resolution { hinges, end: End::Directory }
}

enum Step {
    Root(PathBuf),
    Up,
    Down(OsString),
}

/// Puts the components of a path before the way that is left.
fn prepend(ahead: &mut VecDeque<Step>, path: &Path) {
    let mut root = PathBuf::new();
    let mut steps = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            Component::CurDir => {}
            Component::ParentDir => steps.push(Step::Up),
            Component::Normal(name) => steps.push(Step::Down(name.to_owned())),
        }
    }
    for step in steps.into_iter().rev() {
        ahead.push_front(step);
    }
    if !root.as_os_str().is_empty() {
        ahead.push_front(Step::Root(root));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Resolves `path` in a tree with a file `real/file`, links `link` → `real`, `chain` → `link/file`, `loop` →
    /// `loop`, and `dead` → `nowhere/file`.
    #[track_caller]
    fn check(path: &str, hinges: &[(&str, &str)], end: End) {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/file"), "").unwrap();
        symlink("real", root.join("link")).unwrap();
        symlink(root.join("link/file"), root.join("chain")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("nowhere/file", root.join("dead")).unwrap();
        let hinges = hinges.iter().map(|(directory, name)| (root.join(directory), (*name).into())).collect();
        assert_eq!(resolve(&root.join(path)), Resolution { hinges, end });
    }

    #[test]
    fn without_links_the_last_name_decides() {
        check("real/file", &[("real", "file")], End::File);
        check("real", &[("", "real")], End::Directory);
        check("real/../real/file", &[("real", "file")], End::File);
    }

    #[test]
    fn what_is_missing_hangs_on_the_nearest_directory() {
        check("a/b/c", &[("", "a")], End::Missing);
        check("real/b/c", &[("real", "b")], End::Missing);
        check("real/file/c", &[("real", "file")], End::Missing);
    }

    #[test]
    fn every_link_is_a_hinge() {
        check("link/file", &[("", "link"), ("real", "file")], End::File);
        check("chain", &[("", "chain"), ("", "link"), ("real", "file")], End::File);
        check("dead", &[("", "dead"), ("", "nowhere")], End::Missing);
    }

    #[test]
    fn a_loop_ends() {
        let scratch = tempfile::tempdir().unwrap();
        symlink("loop", scratch.path().join("loop")).unwrap();
        assert_eq!(resolve(&scratch.path().join("loop")).end, End::Missing);
    }
}
