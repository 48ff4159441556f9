//! A copy of the profile, to start another gateway from: small files first, as much as there is room for. What is made
//! again, belongs to a gateway that runs, or belongs to nobody here stays behind.
//!
//! Other programs may write meanwhile. State is replaced whole and transcripts only grow, so every file is what it was
//! at some moment of the copy.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::begin::Facts;
use super::layout::{BASE, CONFIG, STATE, WORKSPACE};
use super::start::LeftOut;
use crate::platform::atomic;
use crate::profile::leave_out::{self, Reason};

/// Most bytes of a copy.
const MOST_BYTES: u64 = 64 << 20;
/// Most files of a copy.
const MOST_FILES: usize = 20_000;
/// Most files that are looked at in a directory.
const MOST_SEEN: usize = 100_000;
/// What stays behind is named up to here, and counted above.
const MOST_NAMED: usize = 1000;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Copy {
    pub(super) bytes: u64,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) left_out_more: u64,
    made: BTreeSet<PathBuf>,
    files: usize,
}

/// A file that may be copied.
struct Candidate {
    from: PathBuf,
    /// Below the copy.
    to: PathBuf,
    bytes: u64,
}

/// Copies what there is of the profile into `recording`. Blocks. Fails when it cannot write; what cannot be read is left
/// out.
pub(super) fn copy(facts: &Facts, recording: &Path) -> io::Result<Copy> {
    let base = recording.join(BASE);
    let mut copy = Copy::default();
    let state = &facts.paths.state_dir;
    let configuration = copy.configuration(facts);
    // Recordings do not hold recordings.
    let mut skipped: BTreeSet<PathBuf> = configuration.iter().map(|file| file.from.clone()).collect();
    skipped.extend(recording.parent().map(Path::to_owned));
    skipped.insert(facts.paths.recordings());
    // A workspace may lie in the state directory, or the other way round.
    skipped.insert(facts.workspace.clone());
    copy.take(&base, configuration)?;
    let found = copy.survey(state, Path::new(STATE), &skipped);
    copy.take(&base, found)?;
    skipped.insert(state.clone());
    let found = copy.survey(&facts.workspace, Path::new(WORKSPACE), &skipped);
    copy.take(&base, found)?;
    for workspace in &facts.other_workspaces {
        copy.leave(workspace, None, "the workspace of another agent");
    }
    Ok(copy)
}

impl Copy {
    /// The files of the configuration, wherever they are, and what they link to.
    fn configuration(&mut self, facts: &Facts) -> Vec<Candidate> {
        let (state, main) = (&facts.paths.state_dir, &facts.paths.config_path);
        let beside = main.parent().unwrap_or(main);
        let mut found = Vec::new();
        for from in [main].into_iter().chain(&facts.config_files) {
            let to = if let Ok(below) = from.strip_prefix(state) {
                Path::new(STATE).join(below)
            } else if let Ok(below) = from.strip_prefix(beside) {
                Path::new(CONFIG).join(below)
            } else {
                self.leave(from, None, "included from elsewhere");
                continue;
            };
            if let Ok(metadata) = fs::metadata(from)
                && metadata.is_file()
                && !found.iter().any(|known: &Candidate| known.to == to)
            {
                found.push(Candidate { from: from.clone(), to, bytes: metadata.len() });
            }
        }
        found
    }

    /// What may be copied of `root`, which the copy calls `name`.
    fn survey(&mut self, root: &Path, name: &Path, skipped: &BTreeSet<PathBuf>) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut open = vec![PathBuf::new()];
        while let Some(folder) = open.pop() {
            if found.len() >= MOST_SEEN {
                self.leave(&name.join(folder), None, &Reason::Big.to_string());
                continue;
            }
            let entries = match fs::read_dir(root.join(&folder)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => {
                    self.leave(&name.join(folder), None, &error.to_string());
                    continue;
                }
            };
            for entry in entries.flatten() {
                let below = folder.join(entry.file_name());
                let from = entry.path();
                // What is gone by now was never there.
                let Ok(metadata) = from.symlink_metadata() else { continue };
                if skipped.contains(&from) {
                    continue;
                }
                let kind = metadata.file_type();
                let bytes = kind.is_file().then_some(metadata.len());
                match reason(&below, kind, name) {
                    Some(reason) => self.leave(&name.join(below), bytes, &reason.to_string()),
                    None if kind.is_dir() => open.push(below),
                    None => found.push(Candidate { from, to: name.join(below), bytes: metadata.len() }),
                }
            }
        }
        found
    }

    /// Copies the smallest first, as long as there is room.
    fn take(&mut self, base: &Path, mut candidates: Vec<Candidate>) -> io::Result<()> {
        candidates.sort_by(|one, other| (one.bytes, &one.to).cmp(&(other.bytes, &other.to)));
        for Candidate { from, to, bytes } in candidates {
            if self.bytes + bytes > MOST_BYTES || self.files >= MOST_FILES {
                self.leave(&to, Some(bytes), &Reason::Big.to_string());
                continue;
            }
            let target = base.join(&to);
            let folder = target.parent().unwrap_or(base).to_owned();
            if !self.made.contains(&folder) {
                atomic::private_directory(&folder)?;
                self.made.insert(folder);
            }
            match fs::copy(&from, &target) {
                Ok(bytes) => {
                    self.bytes += bytes;
                    self.files += 1;
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // Whose fault it is decides: what cannot be read is left out, what cannot be written ends it.
                Err(error) => match fs::File::open(&from) {
                    Ok(_) => return Err(error),
                    Err(error) => self.leave(&to, Some(bytes), &error.to_string()),
                },
            }
        }
        Ok(())
    }

    fn leave(&mut self, path: &Path, bytes: Option<u64>, reason: &str) {
        if self.left_out.len() >= MOST_NAMED {
            self.left_out_more += 1;
            return;
        }
        let path = path.to_string_lossy().into_owned();
        self.left_out.push(LeftOut { path, bytes, reason: reason.to_owned() });
    }
}

/// Why something stays behind, if it does. Keys of the profile come along: a recording is as private as they are. Keys
/// in a workspace belong to something else.
fn reason(below: &Path, kind: fs::FileType, name: &Path) -> Option<Reason> {
    let reason = if kind.is_symlink() {
        Some(Reason::Link)
    } else if kind.is_dir() {
        leave_out::directory(&below.file_name().unwrap_or_default().to_string_lossy())
    } else if kind.is_file() {
        leave_out::file(below)
    } else {
        Some(Reason::Special)
    };
    reason.filter(|reason| *reason != Reason::Keys || name != Path::new(STATE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{EnvMap, ProfilePaths, ProfileRequest, resolve};

    fn facts(home: &Path) -> Facts {
        let paths: ProfilePaths =
            resolve(&ProfileRequest::default(), &EnvMap::default(), Some(home.to_owned())).unwrap().paths;
        Facts {
            workspace: paths.default_workspace.clone(),
            other_workspaces: vec![home.join("clawd-other")],
            config_files: vec![paths.config_path.clone()],
            args: Vec::new(),
            env: EnvMap::default(),
            paths,
        }
    }

    fn home(files: &[(&str, u64)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for (path, length) in files {
            let path = home.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::File::create(path).unwrap().set_len(*length).unwrap();
        }
        home
    }

    /// The copy below `to`, and what is not in it.
    fn copied(facts: &Facts, recording: &Path) -> (Vec<String>, Vec<String>) {
        let copy = copy(facts, recording).unwrap();
        let base = recording.join(BASE);
        let entries = crate::platform::tree::survey(&base, crate::platform::tree::Strange::Refused).unwrap();
        let files = entries.iter().filter(|(_, metadata)| metadata.is_file());
        let mut files: Vec<String> = files.map(|(path, _)| path.display().to_string()).collect();
        files.sort();
        let mut left: Vec<String> =
            copy.left_out.iter().map(|left| format!("{}: {}", left.path, left.reason)).collect();
        left.sort();
        (files, left)
    }

    #[test]
    fn what_is_of_use_to_another_gateway_is_copied() {
        let home = home(&[
            (".clawdbot/clawdbot.json", 2),
            (".clawdbot/gateway.json", 2),
            (".clawdbot/tls/key.pem", 2),
            (".clawdbot/recordings/0000000000001/start.json", 2),
            ("clawd/AGENTS.md", 2),
            ("clawd/.git/config", 2),
            ("clawd/id.key", 2),
        ]);
        let recording = home.path().join("elsewhere/0000000000002");
        let (files, left) = copied(&facts(home.path()), &recording);
        assert_eq!(files, ["state/clawdbot.json", "state/tls/key.pem", "workspace/AGENTS.md"]);
        let other = format!("{}: the workspace of another agent", home.path().join("clawd-other").display());
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(left.contains(&other) && left.contains(&"workspace/id.key: keys".to_owned()), "{left:?}");
    }

    #[test]
    fn the_biggest_stay_behind_when_there_is_no_room() {
        let home = home(&[(".clawdbot/a.jsonl", MOST_BYTES - 10), (".clawdbot/b.jsonl", 20), ("clawd/c", 5)]);
        let recording = home.path().join(".clawdbot/recordings/0000000000002");
        let mut facts = facts(home.path());
        facts.other_workspaces.clear();
        let (files, left) = copied(&facts, &recording);
        assert_eq!(files, ["state/b.jsonl", "workspace/c"]);
        assert_eq!(left, ["state/a.jsonl: too big"]);
    }

    #[test]
    fn a_configuration_is_there_wherever_it_is() {
        let home = home(&[
            ("etc/clawdbot.json", 2),
            ("etc/more/agents.json5", 2),
            ("other/hooks.json5", 2),
            (".clawdbot/x", 2),
        ]);
        let mut facts = facts(home.path());
        facts.other_workspaces.clear();
        facts.paths.config_path = home.path().join("etc/clawdbot.json");
        facts.config_files = ["etc/clawdbot.json", "etc/more/agents.json5", "other/hooks.json5"]
            .map(|path| home.path().join(path))
            .to_vec();
        let (files, left) = copied(&facts, &home.path().join("r/0000000000001"));
        assert_eq!(files, ["config/clawdbot.json", "config/more/agents.json5", "state/x"]);
        assert_eq!(
            left,
            [format!("{}: included from elsewhere", home.path().join("other/hooks.json5").display())]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_behind_but_for_the_configuration() {
        use std::os::unix::fs::symlink;

        let home = home(&[("dotfiles/clawdbot.json", 7), (".clawdbot/x", 2)]);
        symlink(home.path().join("dotfiles/clawdbot.json"), home.path().join(".clawdbot/clawdbot.json"))
            .unwrap();
        symlink("/etc/passwd", home.path().join(".clawdbot/link")).unwrap();
        let mut facts = facts(home.path());
        facts.other_workspaces.clear();
        let (files, left) = copied(&facts, &home.path().join("r/0000000000001"));
        assert_eq!(
            (files.join(" "), left.join(" ")),
            ("state/clawdbot.json state/x".to_owned(), "state/link: a link".to_owned())
        );
    }
}
