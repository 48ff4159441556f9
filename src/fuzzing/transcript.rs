//! Transcripts: pages from their end, previews, shortening, and what is appended.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::scratch;
use crate::gateway::sessions::{Compacted, compact, history, inject, preview};
use crate::gateway::usage;
use crate::protocol::json;

const NOW: u64 = 1_795_403_508_139;
/// As many as a client may ask for.
const DAYS: u32 = 365;
/// Longer than what is read at once.
const LONG: usize = 70 * 1024;

/// Reads a transcript. The first byte chooses how long the pages are, and whether a long line stands in the middle.
///
/// # Panics
///
/// When a page is longer than asked for or is no end of what a simple reader reads, when a preview is, when
/// shortening loses something that it should keep, or when what is appended cannot be read.
pub fn transcript(data: &[u8]) {
    let Some((&choice, lines)) = data.split_first() else { return };
    let lines = with_long_line(lines, choice & 1 == 1);
    let limit = usize::from(choice >> 1) % 9 + 1;
    let path = scratch::file("transcripts/agents/main/sessions/transcript.jsonl", Some(&lines));
    let all = pages(&path, &lines, limit);
    previews(&path, limit);
    used(&path);
    shortened(&path, &lines, limit, &all);
    appended(&path);
}

fn with_long_line(lines: &[u8], wanted: bool) -> Vec<u8> {
    let middle = lines.iter().skip(lines.len() / 2).position(|&byte| byte == b'\n');
    let mut lines = lines.to_vec();
    if let Some(at) = middle.filter(|_| wanted).map(|at| lines.len() / 2 + at + 1) {
        let content = "x".repeat(LONG);
        let line = format!("{{\"message\":{{\"role\":\"assistant\",\"content\":\"{content}\"}}}}\n");
        lines.splice(at..at, line.into_bytes());
    }
    lines
}

/// Every message, and whether pages are ends of it.
fn pages(path: &Path, lines: &[u8], limit: usize) -> Vec<Value> {
    let all = read(path, usize::MAX);
    let page = read(path, limit);
    assert!(page.len() <= limit, "{} messages instead of {limit}", page.len());
    assert!(all.ends_with(&page) && page.len() == limit.min(all.len()), "a page is not the end");
    let simple = lines.split(|&byte| byte == b'\n').filter_map(|line| {
        let entry = json::from_slice(line).ok()?;
        entry.get("message")?.is_object().then_some(entry)
    });
    assert_eq!(simple.count(), all.len(), "messages of a simple reader");
    all
}

fn previews(path: &Path, limit: usize) {
    for max_chars in [20, 240] {
        let items = preview(path, limit, max_chars).unwrap_or_else(|error| panic!("{error}"));
        assert!(items.len() <= limit, "{} items instead of {limit}", items.len());
        for item in items {
            let item = serde_json::to_value(&item).unwrap_or_default();
            let length = item["text"].as_str().map_or(0, |text| text.chars().count());
            assert!((1..=max_chars).contains(&length), "{length} characters of {max_chars}: {item}");
        }
    }
}

/// Everything that was ever used, of which no day is known to have more than all of them.
fn used(path: &Path) {
    let Some(state_dir) = path.ancestors().nth(4) else { return };
    let answer = usage::sum(state_dir, DAYS, NOW);
    let total = answer["totals"]["input"].as_u64();
    let days = answer["daily"].as_array().into_iter().flatten();
    assert!(days.into_iter().all(|day| day["input"].as_u64() <= total), "{answer}");
}

fn shortened(path: &Path, lines: &[u8], most: usize, all: &[Value]) {
    match compact(path, most, NOW).unwrap_or_else(|error| panic!("{error}")) {
        Compacted::Short(_) => assert!(scratch::content(path) == lines, "a short transcript was changed"),
        Compacted::Cut { kept, archived } => {
            assert_eq!(kept, most);
            assert!(scratch::content(&archived) == lines, "the archive is not the transcript");
            assert!(fs::remove_file(&archived).is_ok());
            let left = read(path, usize::MAX);
            let is_end = all.ends_with(&left);
            // The first line stays, and may be a message.
            let is_first = all.split_first().is_some_and(|(first, rest)| {
                left.split_first().is_some_and(|(kept, left)| kept == first && rest.ends_with(left))
            });
            assert!(is_end || is_first, "{} messages of {} are others", left.len(), all.len());
        }
    }
}

fn appended(path: &Path) {
    let before = read(path, usize::MAX);
    let (_, message) = inject(path, "said", NOW).unwrap_or_else(|error| panic!("{error}"));
    let after = read(path, usize::MAX);
    assert_eq!(after.split_last(), Some((&message, before.as_slice())));
}

fn read(path: &Path, limit: usize) -> Vec<Value> {
    history(path, limit).unwrap_or_else(|error| panic!("{error}"))
}
