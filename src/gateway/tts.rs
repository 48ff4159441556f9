//! Preferences of text-to-speech: `<STATE>/settings/tts.json` (`wire-protocol` D.3). Reading and writing block.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::state_file;

/// Providers that can be chosen.
pub(crate) const PROVIDERS: [&str; 3] = ["openai", "elevenlabs", "edge"];

/// When replies are spoken.
const MODES: [&str; 4] = ["off", "always", "inbound", "tagged"];

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefs {
    /// When replies are spoken.
    pub(crate) auto: String,
    /// By whom.
    pub(crate) provider: String,
}

/// Where the preferences are kept.
pub(crate) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("settings").join("tts.json")
}

/// The preferences; what the file does not say, or says wrongly, is as published.
pub(crate) fn load(path: &Path, now_ms: u64) -> Prefs {
    let content = state_file::take(path, now_ms);
    let chosen = |name: &str, known: &[&str], usual: &str| {
        let said = content["tts"][name].as_str().filter(|said| known.contains(said));
        said.unwrap_or(usual).to_owned()
    };
    Prefs { auto: chosen("auto", &MODES, "off"), provider: chosen("provider", &PROVIDERS, "edge") }
}

/// Changes one of them; whatever else the file holds stays. One at a time.
pub(crate) fn set(path: &Path, name: &str, value: String, now_ms: u64) -> io::Result<()> {
    let mut content = state_file::take(path, now_ms);
    if !content["tts"].is_object() {
        content["tts"] = json!({});
    }
    content["tts"][name] = Value::String(value);
    state_file::write(path, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_choice_leaves_the_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = path(directory.path());
        let usual = Prefs { auto: "off".to_owned(), provider: "edge".to_owned() };
        assert_eq!(load(&path, 1), usual);
        state_file::write(&path, &json!({ "tts": { "maxLength": 7 }, "other": true })).unwrap();
        set(&path, "auto", "always".to_owned(), 2).unwrap();
        set(&path, "provider", "openai".to_owned(), 3).unwrap();
        assert_eq!(load(&path, 4), Prefs { auto: "always".to_owned(), provider: "openai".to_owned() });
        let content = state_file::read(&path).unwrap();
        assert_eq!((&content["tts"]["maxLength"], &content["other"]), (&json!(7), &json!(true)));
        state_file::write(&path, &json!({ "tts": { "auto": "loud", "provider": 1 } })).unwrap();
        assert_eq!(load(&path, 5), usual);
    }
}
