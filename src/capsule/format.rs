//! Names and numbers of the format, and which names an entry may have. Pure.

use std::path::{Component, Path};

/// The number of this format.
pub const NUMBER: u32 = 1;

/// The first entry: `clawdbot-capsule 1`.
pub const FORMAT: &str = "format";

/// What stands before the number in it.
pub(super) const FORMAT_WORD: &str = "clawdbot-capsule ";

/// The last entry.
pub const MANIFEST: &str = "manifest.json";

/// The recording.
pub const JOURNAL: &str = "journal.jsonl";

/// The end of the log.
pub const LOG: &str = "log/gateway.log";

/// The throw-away keys.
pub const KEYS: &str = "keys.json";

/// The home directory of the profile.
pub const HOME: &str = "home";

/// What the home directory is called in texts.
pub const HOME_PLACE: &str = "/capsule/home";

/// What stands before the number of a secret.
pub const PLACEHOLDER: &str = "capsule-secret-";

/// The longest name of an entry, bytes; of one of its parts, bytes.
const LONGEST: (usize, usize) = (4096, 255);

/// Why a name is refused, if it is. A good name is relative, has parts that name something, and means the same on every
/// system.
pub(super) fn bad_name(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST.0 || name.split('/').any(|part| part.len() > LONGEST.1) {
        return Some("is too long");
    }
    if name.chars().any(char::is_control) {
        return Some("has control characters");
    }
    if name.starts_with('/') {
        return Some("is an absolute path");
    }
    let parts = name.split('/');
    if parts.clone().any(|part| part == "..") {
        return Some("leads out of the capsule");
    }
    let as_here: Vec<Component<'_>> = Path::new(name).components().collect();
    let is_same = parts.clone().count() == as_here.len()
        && parts.zip(as_here).all(|(part, here)| matches!(here, Component::Normal(here) if here == part));
    (!is_same).then_some("is no plain path")
}

/// Whether it is the name of one file or directory.
pub(super) fn is_one_part(name: &str) -> bool {
    bad_name(name).is_none() && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_something_below() {
        for good in ["a", "home/.clawdbot/clawdbot.json", "home/a b/ü", "a/..b", "home/clawd/a:b", "-x"] {
            assert_eq!(bad_name(good), None, "{good}");
        }
        for (bad, why) in [
            ("", "is no plain path"),
            ("/etc/passwd", "is an absolute path"),
            ("..", "leads out of the capsule"),
            ("a/../../b", "leads out of the capsule"),
            ("a//b", "is no plain path"),
            ("a/./b", "is no plain path"),
            ("./a", "is no plain path"),
            ("a/", "is no plain path"),
            (".", "is no plain path"),
            ("a\nb", "has control characters"),
            ("a\u{1b}[2J", "has control characters"),
            (&"x".repeat(256), "is too long"),
            (&"x/".repeat(3000), "is too long"),
        ] {
            assert_eq!(bad_name(bad), Some(why), "{bad}");
        }
        assert!(is_one_part(".clawdbot") && !is_one_part("a/b") && !is_one_part(".."));
    }
}
