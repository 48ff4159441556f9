//! Titles and previews out of transcripts. Blocks; reads a bounded piece of either end of a file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::words;
use crate::protocol::json;

/// How much of a transcript is looked at, from either end.
const WINDOW: u64 = 64 * 1024;
/// Longest title, in characters.
const TITLE: usize = 60;

/// The transcript of a session: where the session says, or, when that is nowhere (the state directory was moved),
/// beside its store. Blocks.
pub(super) fn path(store: &Path, entry: &Entry) -> Option<PathBuf> {
    let said = entry.text("sessionFile").map(PathBuf::from);
    if let Some(file) = said.filter(|file| file.exists()) {
        return Some(file);
    }
    let id = entry.text("sessionId")?;
    // The id is a file name; anything else would lead out of the directory.
    let is_name = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) && id != "..";
    is_name.then(|| store.with_file_name(format!("{id}.jsonl")))
}

/// Text of the first message of the user.
pub(super) fn first_user_text(path: &Path) -> Option<String> {
    let lines = read_window(path, false)?;
    lines.lines().find_map(|line| message_text(line, |role| role == "user"))
}

/// Text of the last message of user or assistant.
pub(super) fn last_text(path: &Path) -> Option<String> {
    let lines = read_window(path, true)?;
    lines.lines().rev().find_map(|line| message_text(line, |role| role == "user" || role == "assistant"))
}

/// A text as a title: one line, cut at a word.
pub(super) fn title(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE {
        return line;
    }
    let cut: String = line.chars().take(TITLE - 1).collect();
    let end = cut.rfind(' ').filter(|&end| end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

/// The title of a session without messages: the beginning of its id, and the day.
pub(super) fn fallback_title(id: &str, updated_at: Option<u64>) -> String {
    let short: String = id.chars().take(8).collect();
    let day = updated_at
        .and_then(|at| jiff::Timestamp::from_millisecond(i64::try_from(at).ok()?).ok())
        .map(|at| format!(" ({})", at.strftime("%Y-%m-%d")));
    format!("{short}{}", day.unwrap_or_default())
}

fn read_window(path: &Path, end: bool) -> Option<String> {
    let mut file = File::open(path).ok()?;
    if end {
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(WINDOW))).ok()?;
    }
    let mut bytes = Vec::new();
    file.take(WINDOW).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of a transcript line that is a message of a wanted role; lines that are cut off are none.
fn message_text(line: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let entry = json::from_str(line).ok()?;
    let message = entry.get("message")?;
    let role = message.get("role")?.as_str()?;
    if !wanted(role) {
        return None;
    }
    let text = words::text_of(message.get("content")?)?;
    let said = if role == "user" { words::said(text.trim()) } else { text.as_str().into() };
    let shown = said.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn titles_are_cut_at_a_word() {
        assert_eq!(title(" short\n text "), "short text");
        let long = "word ".repeat(20);
        let cut = title(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= TITLE, "{cut}");
        assert_eq!(title(&"x".repeat(100)).chars().count(), TITLE);
        assert_eq!(fallback_title("0123456789", Some(1_700_000_000_000)), "01234567 (2023-11-14)");
    }

    #[test]
    fn first_and_last_words() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("id.jsonl");
        let lines = [
            json!({ "type": "session", "version": 3 }),
            json!({ "message": { "role": "user", "content": "Hello there\n[message_id: 5]" } }),
            json!({ "message": { "role": "assistant", "content": [{ "type": "text", "text": "Hi." }] } }),
            json!({ "message": { "role": "toolResult", "content": "noise" } }),
        ];
        let text = lines.map(|line| line.to_string()).join("\n");
        std::fs::write(&path, text + "\n{ half a line").unwrap();
        assert_eq!(first_user_text(&path).as_deref(), Some("Hello there"));
        assert_eq!(last_text(&path).as_deref(), Some("Hi."));
        assert_eq!(last_text(&directory.path().join("none.jsonl")), None);
    }

    #[test]
    fn a_transcript_that_moved_with_its_store_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let (store, elsewhere) =
            (directory.path().join("sessions.json"), directory.path().join("other.jsonl"));
        let entry = json!({ "sessionId": "s", "sessionFile": elsewhere });
        let entry = Entry::read("main", "dev", &entry).unwrap();
        assert_eq!(path(&store, &entry), Some(directory.path().join("s.jsonl")));
        std::fs::write(&elsewhere, "").unwrap();
        assert_eq!(path(&store, &entry), Some(elsewhere));
    }

    #[test]
    fn an_id_cannot_lead_out_of_the_directory() {
        for (id, expect) in [("abc-1", true), ("../../etc/passwd", false), ("..", false), ("a/b", false)] {
            let entry = Entry::read("main", "dev", &json!({ "sessionId": id })).unwrap();
            assert_eq!(path(Path::new("/s/sessions.json"), &entry).is_some(), expect, "{id}");
        }
    }
}
