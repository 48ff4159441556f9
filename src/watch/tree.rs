//! A watched directory with all below it: which of its entries count. Pure, given the rules.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

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
    /// Of files only these count; all when there are none.
    extensions: Rc<[String]>,
}

impl Tree {
    /// `ignore`: patterns that were read before; a malformed one ignores nothing.
    pub(super) fn new(
        root: &Path,
        cause: Cause,
        state_dir: &Path,
        ignore: &[String],
        extensions: &Rc<[String]>,
    ) -> Self {
        let patterns = rules::patterns(root, ignore).unwrap_or_else(|_| Gitignore::empty());
        // The workspace is the gateway's, whatever its files are called.
        let extensions = if cause == Cause::Extra { Rc::clone(extensions) } else { [].into() };
        Self { root: root.to_owned(), cause, state_dir: state_dir.to_owned(), patterns, extensions }
    }

    /// Whether an entry of a directory counts, given the rules of that directory. A directory that does not count
    /// is never entered, so nobody asks about what is below it.
    pub(super) fn counts(&self, rules: &Rules, directory: &Path, name: &OsStr, is_directory: bool) -> bool {
        if filter::is_version_control(name)
            || self.is_own_file(directory, name)
            || (!is_directory
                && (filter::is_dropping(name) || name == rules::FILE || !self.has_extension(name)))
        {
            return false;
        }
        // Most trees have few rules or none: the whole path is put together only for them.
        if self.patterns.is_empty() && rules.is_empty() {
            return true;
        }
        let path = directory.join(name);
        match self.patterns.matched(&path, is_directory) {
            Match::Ignore(_) => false,
            Match::Whitelist(_) => true,
            Match::None => !rules.ignore(&path, is_directory),
        }
    }

    /// Whether a file is of a kind that counts. `tar.gz` is an extension too.
    fn has_extension(&self, name: &OsStr) -> bool {
        let name = name.to_string_lossy();
        let ends = |extension: &String| {
            name.strip_suffix(extension.as_str()).is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
        };
        self.extensions.is_empty() || self.extensions.iter().any(ends)
    }

    /// Whether an entry is written by the gateway itself.
    fn is_own_file(&self, directory: &Path, name: &OsStr) -> bool {
        // A workspace that lies inside the state directory was put there on purpose.
        let state = self.state_dir.file_name() == Some(name) && self.state_dir.parent() == Some(directory);
        // The agent keeps its diary there.
        let diary = self.cause == Cause::Workspace && name == "memory" && directory == self.root;
        state || diary || self.root == self.state_dir
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
        let tree = Tree::new(root, Cause::Extra, &root.join("state"), &ignore, &[].into());
        let rules = Rules::below(&Rules::around(root), root);
        assert_eq!(tree.counts(&rules, root, OsStr::new(path), is_directory), expect, "{path}");
    }

    #[test]
    fn the_command_line_beats_gitignore() {
        check(&[], "*.log", "a.log", false, false);
        check(&["!a.log"], "*.log", "a.log", false, true);
        check(&["*.md"], "!a.md", "a.md", false, false);
        check(&["out/"], "", "out", true, false);
        check(&["out/"], "", "out", false, true);
    }

    #[track_caller]
    fn check_own(root: &str, cause: Cause, path: &str, expect: bool) {
        let tree = Tree::new(Path::new(root), cause, Path::new("/home/u/.clawdbot-dev"), &[], &[].into());
        let path = Path::new(path);
        let (directory, name) = (path.parent().unwrap(), path.file_name().unwrap());
        assert_eq!(tree.is_own_file(directory, name), expect, "{root} {}", path.display());
    }

    #[test]
    fn extensions_are_about_files_of_watched_directories() {
        let extensions: Rc<[String]> = ["js".to_owned(), "d.ts".to_owned()].into();
        let tree = |cause| Tree::new(Path::new("/w"), cause, Path::new("/s"), &[], &extensions);
        let rules = Rules::around(Path::new("/w"));
        let counts = |cause, name: &str, is_directory| {
            tree(cause).counts(&rules, Path::new("/w"), OsStr::new(name), is_directory)
        };
        for (name, expect) in
            [("a.js", true), ("a.d.ts", true), ("a.ts", false), (".js", false), ("js", false)]
        {
            assert_eq!(counts(Cause::Extra, name, false), expect, "{name}");
        }
        assert!(counts(Cause::Extra, "src", true) && counts(Cause::Workspace, "a.md", false));
    }

    #[test]
    fn own_files() {
        check_own("/home/u/clawd", Cause::Workspace, "/home/u/clawd/memory", true);
        check_own("/home/u/clawd", Cause::Workspace, "/home/u/clawd/docs/memory", false);
        check_own("/home/u/clawd", Cause::Extra, "/home/u/clawd/memory", false);
        check_own("/home/u/clawd", Cause::Workspace, "/home/u/clawd/AGENTS.md", false);
        check_own("/home/u", Cause::Extra, "/home/u/.clawdbot-dev", true);
        check_own("/home/u", Cause::Extra, "/home/u/clawd/.clawdbot-dev", false);
        check_own("/home/u/.clawdbot-dev", Cause::Workspace, "/home/u/.clawdbot-dev/logs", true);
        check_own("/home/u/.clawdbot-dev/ws", Cause::Workspace, "/home/u/.clawdbot-dev/ws/AGENTS.md", false);
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
