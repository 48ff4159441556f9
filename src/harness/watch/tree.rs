//! A watched directory with all below it: which of its entries count. Pure, given the rules.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::Gitignore;

use super::rules::{self, Rules};
use super::{Cause, filter};

/// The workspace, or the directory of a `--watch`.
#[derive(Debug)]
pub(super) struct Tree {
    pub root: PathBuf,
    pub cause: Cause,
    state_dir: PathBuf,
    patterns: Gitignore,
}

impl Tree {
    /// `ignore`: patterns that were read before; a malformed one ignores nothing.
    pub(super) fn new(root: &Path, cause: Cause, state_dir: &Path, ignore: &[String]) -> Self {
        let patterns = rules::patterns(root, ignore).unwrap_or_else(|_| Gitignore::empty());
        Self { root: root.to_owned(), cause, state_dir: state_dir.to_owned(), patterns }
    }

    /// Whether an entry counts, given the rules of the directory that it is in. A directory that does not count
    /// is never entered, so nobody asks about what is below it.
    pub(super) fn counts(&self, rules: &Rules, path: &Path, is_directory: bool) -> bool {
        let Some(name) = path.file_name() else { return false };
        if filter::is_version_control(name)
            || filter::is_own_file(&self.root, self.cause, &self.state_dir, path)
            || (!is_directory && (filter::is_dropping(name) || name == rules::FILE))
        {
            return false;
        }
        match self.patterns.matched(path, is_directory) {
            Match::Ignore(_) => false,
            Match::Whitelist(_) => true,
            Match::None => !rules.ignore(path, is_directory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ignore: &[&str], gitignore: &str, path: &str, is_directory: bool, expect: bool) {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        std::fs::write(root.join(rules::FILE), gitignore).unwrap();
        let ignore: Vec<_> = ignore.iter().map(|&glob| glob.to_owned()).collect();
        let tree = Tree::new(root, Cause::Extra, &root.join("state"), &ignore);
        assert_eq!(
            tree.counts(&Rules::below(&Rules::around(root), root), &root.join(path), is_directory),
            expect,
            "{path}"
        );
    }

    #[test]
    fn the_command_line_beats_gitignore() {
        check(&[], "*.log", "a.log", false, false);
        check(&["!a.log"], "*.log", "a.log", false, true);
        check(&["*.md"], "!a.md", "a.md", false, false);
        check(&["out/"], "", "out", true, false);
        check(&["out/"], "", "out", false, true);
    }

    #[test]
    fn nobody_can_ask_for_what_never_counts() {
        for path in [".git", "state"] {
            check(&["!.git", "!state"], "!.git", path, true, false);
        }
        check(&["!*.swp"], "", ".a.swp", false, false);
        check(&[], "", ".gitignore", false, false);
        check(&[], "", "a.tmp", true, true);
    }
}
