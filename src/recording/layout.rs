//! Names in a directory of recordings.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What a recording began with, in its directory.
pub const START: &str = "start.json";
/// The copy of the profile, in the directory of a recording.
pub const BASE: &str = "base";
/// The state directory, in [`BASE`].
pub const STATE: &str = "state";
/// The workspace of the default agent, in [`BASE`].
pub const WORKSPACE: &str = "workspace";
/// The configuration, in [`BASE`], when it is not in the state directory.
pub const CONFIG: &str = "config";
/// Held by everybody who records there.
pub(super) const LOCK: &str = "lock";

/// A file of a journal, by its name. Those of one recording are in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// When it was begun, Unix milliseconds.
    pub began_ms: u64,
    /// Counts the parts of a recording from 1. When two generations begin one at the same moment, both have the same.
    pub number: u64,
    /// The generation that writes it.
    pub generation: u64,
}

/// Every recording below `directory`, the oldest first: directories that are named like one and say how they began.
/// None when it is not there. Blocks.
pub fn recordings(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_named = entry.file_name().to_str().is_some_and(is_recording);
        if is_named && entry.file_type()?.is_dir() && entry.path().join(START).is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// The name of a recording that begins at this moment.
pub(super) fn recording(now_ms: u64) -> String {
    format!("{now_ms:013}")
}

fn is_recording(name: &str) -> bool {
    name.len() == 13 && number(name).is_some()
}

impl Part {
    /// Its name.
    pub fn name(self) -> String {
        let Self { began_ms, number, generation } = self;
        format!("{began_ms:013}-g{generation}-{number}.jsonl")
    }

    /// The part of that name, if it is one.
    pub fn parse(name: &str) -> Option<Self> {
        let (time, rest) = name.strip_suffix(".jsonl")?.split_once("-g")?;
        let (generation, part) = rest.split_once('-')?;
        let began_ms = number(time).filter(|_| time.len() == 13)?;
        Some(Self { began_ms, number: number(part)?, generation: number(generation)? })
    }

    /// Every part in the directory of a recording, in the order of their numbers. Blocks.
    pub fn all(recording: &Path) -> io::Result<Vec<(Self, PathBuf)>> {
        let mut parts = Vec::new();
        for entry in fs::read_dir(recording)? {
            let entry = entry?;
            let part = entry.file_name().to_str().and_then(Self::parse);
            if let Some(part) = part
                && entry.file_type()?.is_file()
            {
                parts.push((part, entry.path()));
            }
        }
        parts.sort_by_key(|(part, _)| (part.number, part.began_ms, part.generation));
        Ok(parts)
    }
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts() {
        let part = Part { began_ms: 1_769_248_800_000, number: 7, generation: 3 };
        assert_eq!(part.name(), "1769248800000-g3-7.jsonl");
        assert_eq!(Part::parse(&part.name()), Some(part));
        for foreign in [
            "notes.txt",
            "1769248800000-g3.jsonl",
            "1769248800000-g-7.jsonl",
            "1769248800000-g3-.jsonl",
            "1769248800000-g+3-7.jsonl",
            "1-g3-7.jsonl",
            "1769248800000-g3-7.json",
        ] {
            assert_eq!(Part::parse(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn recordings_are_named_and_say_how_they_began() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(recordings(&place.path().join("missing")).unwrap(), Vec::<PathBuf>::new());
        for (name, has_start) in
            [("0000000000007", true), ("0000000000003", true), ("0000000000001", false), ("other", true)]
        {
            fs::create_dir(place.path().join(name)).unwrap();
            if has_start {
                fs::write(place.path().join(name).join(START), "{}").unwrap();
            }
        }
        fs::write(place.path().join("0000000000002"), "").unwrap();
        let found = recordings(place.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["0000000000003", "0000000000007"]);
    }
}
