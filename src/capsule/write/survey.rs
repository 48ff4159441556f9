//! Which files of a profile go into a capsule, as far as their names and lengths tell. Reads directories, no files.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::error::CaptureError;
use crate::capsule::LeftOut;
use crate::capsule::format::bad_name;
use crate::profile::leave_out::{self, Reason};
use crate::recording::START;

/// What is taken and left whatever its name says otherwise.
#[derive(Debug)]
pub(super) struct Filter {
    include: GlobSet,
    exclude: GlobSet,
}

/// A directory that is looked through.
#[derive(Debug)]
pub(super) struct Root {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What it is called below `home/`.
    pub(super) name: String,
}

/// A file that may go in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Below `home/`.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its length at that moment.
    pub(super) bytes: u64,
    /// Whether it was asked for by name.
    pub(super) is_included: bool,
}

/// What there is.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// What may go in, by name.
    pub(super) files: Vec<Candidate>,
    /// Files of keys, which stay behind; what is in them must not be anywhere else.
    pub(super) keys: Vec<PathBuf>,
    /// What stays behind.
    pub(super) left_out: Vec<LeftOut>,
}

impl Filter {
    /// Patterns as they were typed: one without `/` is for names anywhere, one with `/` for paths from the home directory.
    pub(super) fn new(include: &[String], exclude: &[String]) -> Result<Self, CaptureError> {
        Ok(Self { include: set(include)?, exclude: set(exclude)? })
    }
}

fn set(patterns: &[String]) -> Result<GlobSet, CaptureError> {
    let mut set = GlobSetBuilder::new();
    let failed = |pattern: &str, error: &globset::Error| CaptureError::Pattern {
        pattern: pattern.to_owned(),
        problem: error.kind().to_string(),
    };
    for pattern in patterns {
        let below_home = pattern.trim_start_matches("~/");
        let anywhere =
            if below_home.contains('/') { below_home.to_owned() } else { format!("**/{below_home}") };
        let glob = GlobBuilder::new(&anywhere).literal_separator(true).build();
        set.add(glob.map_err(|error| failed(pattern, &error))?);
    }
    set.build().map_err(|error| failed(&patterns.join(" "), &error))
}

/// Looks through `root`; what is in `skipped` is not mentioned.
pub(super) fn survey(
    root: &Root,
    filter: &Filter,
    skipped: &BTreeSet<PathBuf>,
    survey: &mut Survey,
) -> Result<(), CaptureError> {
    if filter.exclude.is_match(&root.name) {
        survey.leave(&root.name, 0, "--exclude".to_owned());
        return Ok(());
    }
    let mut open = vec![Folder { below: PathBuf::new(), reason: None }];
    while let Some(folder) = open.pop() {
        let directory = root.path.join(&folder.below);
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if folder.below.as_os_str().is_empty() => {
                return Err(CaptureError::unreadable(&directory, error));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                survey.leave(&name_of(root, &folder.below), 0, format!("cannot be read: {error}"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let (path, below) = (entry.path(), folder.below.join(entry.file_name()));
            // What is gone by now was never there.
            let Ok(metadata) = path.symlink_metadata() else { continue };
            if skipped.contains(&path) {
                continue;
            }
            let seen = Seen { name: name_of(root, &below), path, below, metadata };
            survey.see(seen, folder.reason, filter, &mut open);
        }
    }
    survey.files.sort_by(|one, other| one.name.cmp(&other.name));
    survey.keys.sort();
    survey.left_out.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(())
}

struct Folder {
    below: PathBuf,
    /// Why all of it stays behind but for what is included by name.
    reason: Option<Reason>,
}

struct Seen {
    name: String,
    path: PathBuf,
    /// Below the root.
    below: PathBuf,
    metadata: fs::Metadata,
}

impl Survey {
    fn see(&mut self, seen: Seen, above: Option<Reason>, filter: &Filter, open: &mut Vec<Folder>) {
        let Seen { name, path, below, metadata } = seen;
        let kind = metadata.file_type();
        let bytes = if kind.is_file() { metadata.len() } else { 0 };
        if kind.is_symlink() || !(kind.is_file() || kind.is_dir()) {
            let reason = if kind.is_symlink() { Reason::Link } else { Reason::Special };
            return self.leave_unless(above, &name, 0, reason);
        }
        if filter.exclude.is_match(&name) {
            return self.leave(&name, bytes, "--exclude".to_owned());
        }
        if below.to_str().is_none() || bad_name(&name).is_some() {
            return self.leave(&name, bytes, "a name that not every system has".to_owned());
        }
        let is_included = filter.include.is_match(&name);
        if kind.is_dir() && is_recording(&path) {
            return self.leave(&name, 0, "a recording".to_owned());
        }
        if kind.is_dir() {
            let own = leave_out::directory(&below.file_name().unwrap_or_default().to_string_lossy());
            let reason = if is_included { None } else { above.or(own) };
            if let Some(reason) = reason {
                self.leave_unless(above, &name, 0, reason);
            }
            // Keys are looked at for what they are; others for what is included by name.
            if reason.is_none() || reason == Some(Reason::Keys) || !filter.include.is_empty() {
                open.push(Folder { below, reason });
            }
            return;
        }
        let reason = above.or_else(|| leave_out::file(&below)).filter(|_| !is_included);
        match reason {
            Some(reason) => {
                if reason == Reason::Keys {
                    self.keys.push(path);
                }
                self.leave_unless(above, &name, bytes, reason);
            }
            None => self.files.push(Candidate { name, path, bytes, is_included }),
        }
    }

    /// What lies in a directory that stays behind is not named.
    fn leave_unless(&mut self, above: Option<Reason>, name: &str, bytes: u64, reason: Reason) {
        if above.is_none() {
            self.leave(name, bytes, reason.to_string());
        }
    }

    /// Says that something stays behind.
    pub(super) fn leave(&mut self, name: &str, bytes: u64, reason: String) {
        self.left_out.push(LeftOut { path: name.to_owned(), bytes, reason });
    }
}

/// Whether it is the directory of a recording, wherever somebody keeps those.
fn is_recording(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 13 && name.bytes().all(|byte| byte.is_ascii_digit()) && path.join(START).is_file()
}

/// What something below `root` is called, with `/` on every system.
fn name_of(root: &Root, below: &Path) -> String {
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
    parts.fold(root.name.clone(), |name, part| format!("{name}/{part}"))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn look(files: &[&str], include: &[&str], exclude: &[&str]) -> (Vec<String>, Vec<String>, Vec<String>) {
        let place = tempfile::tempdir().unwrap();
        for file in files {
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        symlink("/etc/passwd", place.path().join("link")).unwrap();
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let filter = Filter::new(&texts(include), &texts(exclude)).unwrap();
        let root = Root { path: place.path().to_owned(), name: ".clawdbot".to_owned() };
        let mut found = Survey::default();
        survey(&root, &filter, &BTreeSet::from([place.path().join("recordings")]), &mut found).unwrap();
        let below = |path: &Path| path.strip_prefix(place.path()).unwrap().display().to_string();
        (
            found.files.iter().map(|file| file.name.clone()).collect(),
            found.left_out.iter().map(|left| format!("{} {}", left.path, left.reason)).collect(),
            found.keys.iter().map(|path| below(path)).collect(),
        )
    }

    const FILES: [&str; 8] = [
        "1769248800000/start.json",
        "clawdbot.json",
        "agents/main/sessions/a.jsonl",
        "identity/device.json",
        "logs/gateway.log",
        "media/x/one.png",
        "gateway.lock",
        "recordings/1/start.json",
    ];

    #[test]
    fn names_decide() {
        let (files, left, keys) = look(&FILES, &[], &[]);
        assert_eq!(files, [".clawdbot/agents/main/sessions/a.jsonl", ".clawdbot/clawdbot.json"]);
        assert_eq!(
            left,
            [
                ".clawdbot/1769248800000 a recording",
                ".clawdbot/gateway.lock of a gateway that runs",
                ".clawdbot/identity keys",
                ".clawdbot/link a link",
                ".clawdbot/logs a log",
                ".clawdbot/media made again when it is needed",
            ]
        );
        assert_eq!(keys, ["identity/device.json"]);
    }

    #[test]
    fn patterns_decide_otherwise() {
        let (files, _, keys) =
            look(&FILES, &["*.png", ".clawdbot/identity"], &["sessions", "~/.clawdbot/clawd*"]);
        assert_eq!(files, [".clawdbot/identity/device.json", ".clawdbot/media/x/one.png"]);
        assert_eq!(keys, [""; 0]);
        let (files, left, _) = look(&FILES, &[], &[".clawdbot/**/*.jsonl"]);
        assert_eq!(files, [".clawdbot/clawdbot.json"]);
        assert!(left.contains(&".clawdbot/agents/main/sessions/a.jsonl --exclude".to_owned()), "{left:?}");
        assert!(Filter::new(&["[".to_owned()], &[]).is_err());
    }
}
