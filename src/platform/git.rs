//! Whether deleting a directory would lose work that git knows about.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How deep below a directory checkouts are looked for.
const DEPTH: u32 = 4;

/// Why a directory must not be deleted just so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsavedWork {
    /// The checkout: the directory itself, one below it, or one that it is part of.
    pub checkout: PathBuf,
    /// What would be lost, for people.
    pub what: String,
}

/// The first thing that deleting `directory` would lose: changes that are not committed, or commits that are on no
/// remote, in a checkout at or below `directory`; changes of committed files when `directory` is part of a
/// larger checkout. A checkout that git cannot judge counts as unsaved.
pub fn unsaved_work(directory: &Path) -> Option<UnsavedWork> {
    let mut checkouts = Vec::new();
    find_checkouts(directory, DEPTH, &mut checkouts);
    let own = checkouts.iter().any(|checkout| checkout == directory);
    for checkout in checkouts {
        let what = lost_with(&checkout).unwrap_or_else(|reason| Some(format!("unknown changes ({reason})")));
        if let Some(what) = what {
            return Some(UnsavedWork { checkout, what });
        }
    }
    if own { None } else { part_of_a_larger_one(directory) }
}

fn find_checkouts(directory: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    if directory.join(".git").symlink_metadata().is_ok() {
        found.push(directory.to_owned());
    }
    let Some(depth) = depth.checked_sub(1) else { return };
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        // The type of the entry itself: a link is not followed, as its target is not deleted.
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && entry.file_name() != ".git" && entry.file_name() != "node_modules" {
            find_checkouts(&entry.path(), depth, found);
        }
    }
}

/// `Err` carries why git could not tell.
fn lost_with(checkout: &Path) -> Result<Option<String>, String> {
    let status = git(checkout, &["status", "--porcelain"])?;
    let changed = status.lines().count();
    if changed > 0 {
        return Ok(Some(match changed {
            1 => "1 uncommitted change".to_owned(),
            _ => format!("{changed} uncommitted changes"),
        }));
    }
    // Every reference and HEAD, stashes included.
    let only_here = git(checkout, &["rev-list", "--max-count=1", "--all", "--not", "--remotes"])?;
    Ok((!only_here.is_empty()).then(|| "commits that are on no remote".to_owned()))
}

fn part_of_a_larger_one(directory: &Path) -> Option<UnsavedWork> {
    // Failure means that there is no checkout, or no git: then nothing here is known to it.
    let root = git(directory, &["rev-parse", "--show-toplevel"]).ok()?;
    let changed = git(directory, &["status", "--porcelain", "--untracked-files=no", "--", "."]).ok()?;
    (!changed.is_empty()).then(|| UnsavedWork {
        checkout: PathBuf::from(root.trim_end()),
        what: "uncommitted changes of committed files".to_owned(),
    })
}

fn git(directory: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = run(directory, arguments).map_err(|error| format!("git could not be asked: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("git could not tell: {}", complaint.lines().next().unwrap_or("no reason given")))
    }
}

#[expect(clippy::disallowed_methods, reason = "processes are started in platform")]
fn run(directory: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    let mut command = Command::new("git");
    command
        // A repository must not make us run its programs, nor be written to.
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .stdin(Stdio::null());
    // Set when a git hook started us; they would name another repository.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(variable);
    }
    command.output()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Runs git with an identity and no configuration of this machine.
    #[track_caller]
    fn git_ok(directory: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.test", "-c", "commit.gpgsign=false"];
        git(directory, &[&identity[..], arguments].concat()).unwrap();
    }

    #[track_caller]
    fn check(directory: &Path, expected: Option<(&Path, &str)>) {
        let found = unsaved_work(directory);
        let found = found.as_ref().map(|work| (work.checkout.as_path(), work.what.as_str()));
        assert_eq!(found, expected);
    }

    fn scratch() -> (TempDir, PathBuf) {
        let directory = TempDir::new().unwrap();
        let real = directory.path().canonicalize().unwrap();
        (directory, real)
    }

    #[test]
    fn a_plain_directory_has_nothing_to_lose() {
        let (_keep, directory) = scratch();
        fs::write(directory.join("notes.md"), "x").unwrap();
        check(&directory, None);
    }

    #[test]
    fn uncommitted_and_unpushed_work_counts() {
        let (_keep, directory) = scratch();
        let (_keep_remote, remote) = scratch();
        git_ok(&remote, &["init", "--bare", "--quiet"]);
        git_ok(&directory, &["init", "--quiet", "--initial-branch=main"]);
        check(&directory, None);
        fs::write(directory.join("a"), "x").unwrap();
        check(&directory, Some((&directory, "1 uncommitted change")));
        fs::write(directory.join("b"), "x").unwrap();
        check(&directory, Some((&directory, "2 uncommitted changes")));
        git_ok(&directory, &["add", "."]);
        git_ok(&directory, &["commit", "--quiet", "--message=x"]);
        check(&directory, Some((&directory, "commits that are on no remote")));
        git_ok(&directory, &["remote", "add", "origin", remote.to_str().unwrap()]);
        git_ok(&directory, &["push", "--quiet", "origin", "main"]);
        check(&directory, None);
        fs::write(directory.join("a"), "y").unwrap();
        git_ok(&directory, &["stash", "--quiet"]);
        check(&directory, Some((&directory, "commits that are on no remote")));
    }

    #[test]
    fn a_checkout_inside_counts_too() {
        let (_keep, directory) = scratch();
        let inner = directory.join("projects/inner");
        fs::create_dir_all(&inner).unwrap();
        git_ok(&inner, &["init", "--quiet"]);
        check(&directory, None);
        fs::write(inner.join("a"), "x").unwrap();
        check(&directory, Some((&inner, "1 uncommitted change")));
    }

    #[test]
    fn part_of_a_larger_checkout_loses_only_changes_of_committed_files() {
        let (_keep, root) = scratch();
        let part = root.join("part");
        fs::create_dir(&part).unwrap();
        git_ok(&root, &["init", "--quiet"]);
        fs::write(part.join("a"), "x").unwrap();
        check(&part, None);
        git_ok(&root, &["add", "."]);
        git_ok(&root, &["commit", "--quiet", "--message=x"]);
        check(&part, None);
        fs::write(part.join("a"), "y").unwrap();
        check(&part, Some((&root, "uncommitted changes of committed files")));
    }

    #[test]
    fn a_broken_checkout_counts_as_unsaved() {
        let (_keep, directory) = scratch();
        fs::write(directory.join(".git"), "gitdir: nowhere").unwrap();
        let found = unsaved_work(&directory).unwrap();
        assert_eq!(found.checkout, directory);
        assert!(found.what.starts_with("unknown changes (git could not tell: "), "{}", found.what);
    }
}
