//! The words that wake a voice client: `<STATE>/settings/voicewake.json` (`wire-protocol` D.3). Reading and writing
//! block.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::state_file;

/// What wakes it unless something else was set.
const USUAL: [&str; 3] = ["clawd", "claude", "computer"];
/// Words at most, and characters of each.
const MAX_WORDS: usize = 32;
const MAX_WORD: usize = 64;

/// Where they are kept.
pub(crate) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("settings").join("voicewake.json")
}

/// Trimmed, without blanks and without what is no text; the usual ones when nothing is left.
pub(crate) fn clean(given: &[Value]) -> Vec<String> {
    let words = given.iter().filter_map(Value::as_str).map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<String> =
        words.take(MAX_WORDS).map(|word| word.chars().take(MAX_WORD).collect()).collect();
    if words.is_empty() { USUAL.map(str::to_owned).to_vec() } else { words }
}

/// The words that count.
pub(crate) fn load(path: &Path, now_ms: u64) -> Vec<String> {
    let content = state_file::take(path, now_ms);
    clean(content["triggers"].as_array().map_or(&[], Vec::as_slice))
}

/// Keeps them; whatever else the file holds stays.
pub(crate) fn save(path: &Path, words: &[String], now_ms: u64) -> io::Result<()> {
    let mut content = state_file::take(path, now_ms);
    content["triggers"] = json!(words);
    content["updatedAtMs"] = now_ms.into();
    state_file::write(path, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &Value, expect: &[&str]) {
        assert_eq!(clean(given.as_array().unwrap()), expect);
    }

    #[test]
    fn words_are_cleaned_and_bounded() {
        check(&json!([" a ", "", 3, "b"]), &["a", "b"]);
        check(&json!([]), &USUAL);
        check(&json!([" "]), &USUAL);
        check(&json!(["ä".repeat(70)]), &[&"ä".repeat(64)]);
        assert_eq!(clean(&vec![json!("x"); 40]).len(), MAX_WORDS);
    }

    #[test]
    fn what_is_not_known_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = path(directory.path());
        state_file::write(&path, &json!({ "triggers": ["a"], "future": [1] })).unwrap();
        save(&path, &["b".to_owned()], 2).unwrap();
        let expect = json!({ "triggers": ["b"], "future": [1], "updatedAtMs": 2 });
        assert_eq!(state_file::read(&path), Ok(expect));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_moved_aside() {
        let directory = tempfile::tempdir().unwrap();
        let path = path(directory.path());
        assert_eq!(load(&path, 1), USUAL);
        save(&path, &["hey".to_owned()], 2).unwrap();
        assert_eq!(load(&path, 3), ["hey"]);
        std::fs::write(&path, "{ half").unwrap();
        assert_eq!(load(&path, 4), USUAL);
        assert_eq!(
            std::fs::read_to_string(path.with_file_name("voicewake.json.corrupt-4")).unwrap(),
            "{ half"
        );
    }
}
