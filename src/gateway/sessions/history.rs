//! The last messages of a transcript (`chat.history`, `wire-protocol` D.9). Blocks.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::tail::LinesFromEnd;
use super::words;
use crate::protocol::json;

/// Most bytes of messages in one answer.
const BYTES: usize = 6 * 1024 * 1024;

/// The last `limit` messages, as many as fit into an answer, in their order; what users said is cleaned. Lines
/// that are no JSON, or no message, are passed over. A transcript that does not exist has no messages.
pub(crate) fn history(path: &Path, limit: usize) -> io::Result<Vec<Value>> {
    let mut left = BYTES;
    let mut messages = last_messages(path, limit, |length| {
        left = left.saturating_sub(length);
        left > 0
    })?;
    for message in messages.iter_mut().filter(|message| message["role"] == "user") {
        if let Some(content) = message.get_mut("content") {
            words::clean_content(content);
        }
    }
    Ok(messages)
}

/// The last `limit` messages as they are stored, in their order; ends where `fits`, asked with the length of
/// each line, says so.
pub(super) fn last_messages(
    path: &Path,
    limit: usize,
    mut fits: impl FnMut(usize) -> bool,
) -> io::Result<Vec<Value>> {
    let mut lines = match LinesFromEnd::open(path, BYTES) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut messages = Vec::new();
    while messages.len() < limit
        && let Some(line) = lines.before()?
    {
        let Some(message) = message(&line) else { continue };
        if !fits(line.len()) {
            break;
        }
        messages.push(message);
    }
    messages.reverse();
    Ok(messages)
}

fn message(line: &[u8]) -> Option<Value> {
    let mut entry = json::from_slice(line).ok()?;
    let message = entry.get_mut("message")?.take();
    // What is no object would only break clients.
    message.is_object().then_some(message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn transcript(lines: &[String]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines.join("\n") + "\n").unwrap();
        file
    }

    fn line(role: &str, content: &str) -> String {
        json!({ "type": "message", "message": { "role": role, "content": content } }).to_string()
    }

    fn contents(messages: &[Value]) -> Vec<&str> {
        messages.iter().map(|message| message["content"].as_str().unwrap()).collect()
    }

    #[test]
    fn the_last_messages_in_their_order() {
        let lines = [
            json!({ "type": "session", "version": 3 }).to_string(),
            line("user", "[Slack a] hello\n[message_id: 1]"),
            "{ half a line".to_owned(),
            json!({ "message": "no object" }).to_string(),
            json!({ "type": "compaction", "summary": "s" }).to_string(),
            line("assistant", "[Slack a] kept"),
            line("user", "bye"),
        ];
        let file = transcript(&lines);
        assert_eq!(contents(&history(file.path(), 200).unwrap()), ["hello", "[Slack a] kept", "bye"]);
        assert_eq!(contents(&history(file.path(), 2).unwrap()), ["[Slack a] kept", "bye"]);
        assert_eq!(history(Path::new("/nowhere/x.jsonl"), 2).unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn an_answer_is_bounded_and_keeps_the_newest() {
        let lines: Vec<String> =
            (0..10).map(|number| line("user", &number.to_string().repeat(1 << 20))).collect();
        let file = transcript(&lines);
        let messages = history(file.path(), 1000).unwrap();
        let bytes = serde_json::to_string(&messages).unwrap().len();
        assert!(messages.len() == 5 && bytes <= BYTES, "{} {bytes}", messages.len());
        assert!(messages[4]["content"].as_str().unwrap().starts_with('9'));
    }
}
