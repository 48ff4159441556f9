//! Which skills there are: the folders that are searched, and what is found there.
//!
//! Whatever lies in those folders, this ends soon and gives what can be used; the rest is named with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::frontmatter::{self, Frontmatter, Unusable};
use crate::platform::fs::{Identity, identity, open_regular};

/// The file that makes a folder a skill.
const FILE: &str = "SKILL.md";
/// Folders that never hold any.
const PASSED_BY: &str = "node_modules";

/// Within so many bytes a head has to end.
const HEAD: u64 = 64 * 1024;
/// How deep folders are searched.
const DEEPEST: usize = 12;
/// How many entries of one root are looked at.
const ENTRIES: usize = 20_000;
/// How many files that are no skills are named.
const NAMED: usize = 100;

/// Where skills are looked for, the least important place first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots {
    /// `skills.load.extraDirs`.
    pub(crate) extra: Vec<PathBuf>,
    /// Those of the state directory.
    pub(crate) managed: PathBuf,
    /// Those of a workspace.
    pub(crate) workspace: PathBuf,
}

/// Where a skill comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Extra,
    Managed,
    Workspace,
}

/// A skill.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Skill {
    pub(crate) name: String,
    pub(crate) source: Source,
    pub(crate) file: PathBuf,
    pub(crate) directory: PathBuf,
    pub(crate) head: Frontmatter,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// One of each name, in the order of the search.
    pub(crate) skills: Vec<Skill>,
    /// What could not be used, and why.
    pub(crate) skipped: Vec<(PathBuf, String)>,
    places: BTreeMap<String, usize>,
}

/// The search of one root.
struct Search<'a> {
    source: Source,
    /// Folders that were searched, so that links in a circle end.
    seen: BTreeSet<Identity>,
    entries: usize,
    found: &'a mut Found,
}

/// Searches all places. Blocks.
pub(crate) fn scan(roots: &Roots) -> Found {
    let mut found = Found::default();
    let extra = roots.extra.iter().map(|root| (Source::Extra, root));
    for (source, root) in
        extra.chain([(Source::Managed, &roots.managed), (Source::Workspace, &roots.workspace)])
    {
        Search { source, seen: BTreeSet::new(), entries: 0, found: &mut found }.folder(root, 0);
    }
    found
}

// === impl Source ===

impl Source {
    /// On the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Extra => "clawdbot-extra",
            Self::Managed => "clawdbot-managed",
            Self::Workspace => "clawdbot-workspace",
        }
    }
}

// === impl Skill ===

impl Skill {
    /// Its key below `skills.entries`.
    pub(crate) fn key(&self) -> &str {
        self.head.metadata.skill_key.as_deref().unwrap_or(&self.name)
    }
}

// === impl Found ===

impl Found {
    /// The skill of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Skill> {
        self.places.get(name).and_then(|place| self.skills.get(*place))
    }

    /// Keeps a skill; one of the same name that was found before gives way.
    fn add(&mut self, skill: Skill) {
        if let Some(earlier) = self.places.get(&skill.name).and_then(|place| self.skills.get_mut(*place)) {
            *earlier = skill;
        } else {
            self.places.insert(skill.name.clone(), self.skills.len());
            self.skills.push(skill);
        }
    }

    fn skip(&mut self, path: &Path, reason: impl fmt::Display) {
        if self.skipped.len() < NAMED {
            self.skipped.push((path.to_owned(), format!("{reason}")));
        }
    }
}

// === impl Search ===

impl Search<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let names = match self.names(folder) {
            Ok(names) => names,
            // Nobody has to have skills, and a link may lead nowhere.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.found.skip(folder, format!("failed to read it: {error}")),
        };
        for name in names {
            let path = folder.join(&name);
            if name == FILE {
                self.file(folder, &path);
            } else if path.is_dir() {
                if depth == DEEPEST {
                    self.found.skip(&path, format!("more than {DEEPEST} folders deep"));
                } else {
                    self.folder(&path, depth + 1);
                }
            }
        }
    }

    /// The names in a folder that may matter, sorted; none when it was searched before.
    fn names(&mut self, folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
        if !self.seen.insert(identity(folder)?) {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            if self.entries == ENTRIES {
                self.found.skip(folder, format!("too many files: only {ENTRIES} are looked at"));
                break;
            }
            self.entries += 1;
            let name = entry?.file_name();
            if name != PASSED_BY && !name.to_string_lossy().starts_with('.') {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn file(&mut self, folder: &Path, path: &Path) {
        let (text, is_whole) = match head_of(path) {
            Ok(Some(text)) => text,
            Ok(None) => return self.found.skip(path, "it is no file"),
            Err(error) => return self.found.skip(path, format!("failed to read it: {error}")),
        };
        match frontmatter::parse(&text) {
            Ok(head) => {
                let own = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name = head.name.clone().unwrap_or_else(own);
                let (file, directory) = (path.to_owned(), folder.to_owned());
                self.found.add(Skill { name, source: self.source, file, directory, head });
            }
            Err(Unusable::NoHead) if !is_whole && text.starts_with("---") => {
                self.found.skip(path, format!("its head does not end within {} KiB", HEAD / 1024));
            }
            Err(unusable) => self.found.skip(path, unusable),
        }
    }
}

/// The beginning of a file, and whether that is all of it; `None` when it is none. What is no UTF-8 is replaced.
fn head_of(path: &Path) -> io::Result<Option<(String, bool)>> {
    let Some((file, facts)) = open_regular(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(HEAD).read_to_end(&mut bytes)?;
    Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), facts.len() <= HEAD)))
}

#[cfg(test)]
mod tests;
