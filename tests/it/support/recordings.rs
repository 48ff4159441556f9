//! Recordings, as somebody reads them who knows `dev/RECORDING.md` alone.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The recordings in a directory, the oldest first.
pub(crate) fn recordings(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every part of every recording, in their order.
pub(crate) fn parts(directory: &Path) -> Vec<PathBuf> {
    recordings(directory).iter().flat_map(|recording| parts_of(recording)).collect()
}

/// The parts of a recording, in the order of their numbers.
fn parts_of(recording: &Path) -> Vec<PathBuf> {
    let number = |path: &Path| -> Option<u64> {
        let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
        name.rsplit_once('-')?.1.parse().ok()
    };
    let entries = fs::read_dir(recording).unwrap().map(|entry| entry.unwrap().path());
    let mut parts: Vec<PathBuf> = entries.filter(|path| number(path).is_some()).collect();
    parts.sort_by_key(|path| number(path));
    parts
}

/// How a recording began.
pub(crate) fn start(recording: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(recording.join("start.json")).unwrap()).unwrap()
}

/// Every whole line of every recording, in their order.
pub(crate) fn lines(directory: &Path) -> Vec<Value> {
    recordings(directory).iter().flat_map(|recording| whole_lines(recording)).collect()
}

/// Every whole line of every part of a recording. What is cut off is the end of a part.
pub(crate) fn whole_lines(recording: &Path) -> Vec<Value> {
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    parts_of(recording).iter().flat_map(read).collect()
}

/// The lines of an event.
pub(crate) fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}
