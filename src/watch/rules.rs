//! `.gitignore` files and `--ignore` patterns: one link of a chain per directory that has a file of its own.

use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::platform::fs;

/// Name of the files.
pub(super) const FILE: &str = ".gitignore";

/// The rules for the entries of one directory.
#[derive(Debug)]
pub(super) struct Rules {
    matcher: Gitignore,
    above: Option<Rc<Rules>>,
}

impl Rules {
    /// The rules around a watched directory: those of the directories above it in the same repository.
    pub(super) fn around(root: &Path) -> Rc<Self> {
        let repository = root.ancestors().find(|directory| directory.join(".git").exists());
        let mut rules = Rc::new(Self { matcher: Gitignore::empty(), above: None });
        if let Some(repository) = repository {
            let mut above: Vec<_> =
                root.ancestors().skip(1).take_while(|it| it.starts_with(repository)).collect();
            above.reverse();
            for directory in above {
                rules = Self::below(&rules, directory);
            }
        }
        rules
    }

    /// The rules for the entries of `directory`, given those that hold around it.
    pub(super) fn below(around: &Rc<Self>, directory: &Path) -> Rc<Self> {
        match read(&directory.join(FILE)) {
            Some(text) => Rc::new(Self { matcher: parse(directory, &text), above: Some(Rc::clone(around)) }),
            None => Rc::clone(around),
        }
    }

    /// Whether there are none, so that nothing is ignored.
    pub(super) fn is_empty(&self) -> bool {
        self.matcher.is_empty() && self.above.as_ref().is_none_or(|above| above.is_empty())
    }

    /// Whether an entry of the directory that these rules are for is ignored. The nearest file that has a
    /// matching pattern decides; within a file the last pattern does.
    pub(super) fn ignore(&self, path: &Path, is_directory: bool) -> bool {
        let matched = self.matcher.matched(path, is_directory);
        match &self.above {
            _ if matched.is_ignore() => true,
            Some(above) if matched.is_none() => above.ignore(path, is_directory),
            _ => false,
        }
    }
}

/// The `--ignore` patterns for the directories below `root`; the message says what is wrong with a pattern.
pub(super) fn patterns(root: &Path, globs: &[String]) -> Result<Gitignore, (String, String)> {
    let mut builder = GitignoreBuilder::new(root);
    builder.allow_unclosed_class(false);
    for glob in globs {
        builder.add_line(None, glob).map_err(|error| (glob.clone(), error.to_string()))?;
    }
    builder.build().map_err(|error| (globs.join(" "), error.to_string()))
}

/// Lines that are no patterns are skipped, as git does.
fn parse(directory: &Path, text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new(directory);
    for line in text.trim_start_matches('\u{feff}').lines() {
        _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

fn read(path: &Path) -> Option<String> {
    let (mut file, _) = fs::open_regular(path).ok()??;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs as files;

    use super::*;

    /// Writes `(directory, .gitignore)` pairs, then looks at `path` with the rules of the directory it is in.
    #[track_caller]
    fn check(rules: &[(&str, &str)], path: &str, expect: bool) {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let path = root.join(path);
        let parent = path.parent().unwrap();
        files::create_dir_all(parent).unwrap();
        for (directory, text) in rules {
            files::create_dir_all(root.join(directory)).unwrap();
            files::write(root.join(directory).join(FILE), text).unwrap();
        }
        let mut chain = Rules::below(&Rules::around(root), root);
        let mut directory = root.to_owned();
        for name in parent.strip_prefix(root).unwrap() {
            directory.push(name);
            chain = Rules::below(&chain, &directory);
        }
        assert_eq!(chain.ignore(&path, false), expect, "{rules:?} {}", path.display());
    }

    #[test]
    fn a_pattern_holds_in_every_directory_below() {
        check(&[("", "*.log\n")], "a/b/x.log", true);
        check(&[("", "*.log\n")], "a/b/x.txt", false);
        check(&[("a", "*.log\n")], "x.log", false);
    }

    #[test]
    fn a_leading_slash_holds_only_where_it_stands() {
        check(&[("", "/build\n")], "build", true);
        check(&[("", "/build\n")], "a/build", false);
    }

    #[test]
    fn the_last_pattern_and_the_nearest_file_win() {
        check(&[("", "*.log\n!keep.log\n")], "keep.log", false);
        check(&[("", "*.log\n"), ("a", "!keep.log\n")], "a/keep.log", false);
        check(&[("", "!*.log\n"), ("a", "*.log\n")], "a/b/x.log", true);
    }

    #[test]
    fn comments_and_broken_lines_are_skipped() {
        check(&[("", "\u{feff}# note\n\n[z-a]\n*.log\n")], "x.log", true);
    }

    #[test]
    fn rules_of_the_repository_around_a_root_hold() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("packages/web");
        files::create_dir_all(&root).unwrap();
        files::write(scratch.path().join(FILE), "*.pyc\n").unwrap();
        let ignored = || Rules::around(&root).ignore(&root.join("x.pyc"), false);
        assert!(!ignored(), "no repository");
        files::create_dir(scratch.path().join(".git")).unwrap();
        assert!(ignored());
    }

    #[test]
    fn patterns_of_the_command_line() {
        let root = Path::new("/w");
        let matcher =
            patterns(root, &["*.csv".to_owned(), "/out/".to_owned(), "!keep.csv".to_owned()]).unwrap();
        assert!(matcher.matched("/w/a/x.csv", false).is_ignore());
        assert!(matcher.matched("/w/out", true).is_ignore());
        assert!(matcher.matched("/w/keep.csv", false).is_whitelist());
        assert_eq!(patterns(root, &["a".to_owned(), "x[".to_owned()]).unwrap_err().0, "x[");
    }
}
