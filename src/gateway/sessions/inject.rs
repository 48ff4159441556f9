//! Appending a message of the assistant to a transcript (disk format in `wire-protocol` D.9). Blocks.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::platform::append;

/// Appends a text as a message of the assistant; returns the id of the entry, and the message.
pub(crate) fn inject(path: &Path, text: &str, now_ms: u64) -> io::Result<(String, Value)> {
    let id = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    let message = json!({
        "role": "assistant",
        "content": [{ "type": "text", "text": text }],
        "timestamp": now_ms,
        "stopReason": "injected",
        "usage": { "input": 0, "output": 0, "totalTokens": 0 },
    });
    let at = i64::try_from(now_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let at = at.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    let entry = json!({ "type": "message", "id": id, "timestamp": at, "message": message });
    // A line that a crash cut off must not swallow this one.
    let lead = if ends_within_a_line(path)? { "\n" } else { "" };
    // One write, so that another writer's line cannot come between.
    append::open(path)?.write_all(format!("{lead}{entry}\n").as_bytes())?;
    Ok((id, message))
}

fn ends_within_a_line(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_stays_apart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{\"type\":\"session\"}\n{ half").unwrap();
        let (id, message) = inject(file.path(), "hello", 1_700_000_000_123).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        let (before, line) = text.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(before, "{\"type\":\"session\"}\n{ half");
        let expect = json!({ "type": "message", "id": id, "timestamp": "2023-11-14T22:13:20.123Z",
            "message": message });
        assert_eq!(serde_json::from_str::<Value>(line).unwrap(), expect);
        assert_eq!(id.len(), 8);
    }
}
