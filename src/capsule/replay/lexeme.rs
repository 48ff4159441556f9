//! What inside a text is different in every run: identifiers, hashes, moments, durations, ports.

use std::sync::LazyLock;

use regex::Regex;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An identifier or a token: the same one always stands for the same thing.
    Id,
    /// What a gateway computed from content, in hexadecimal.
    Hash,
    /// A moment.
    Moment,
    /// How long something took, or is ago.
    Duration,
    /// The port of an address on this machine.
    Port,
}

/// A part of a text: as it stands, or of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// `None`: it has to be the same.
    pub(super) kind: Option<Kind>,
    pub(super) text: &'a str,
}

/// The groups are numbered in the order of [`KINDS`]. The first alternative that fits wins.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
    let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    let clock = "[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?";
    let zone = "(?:Z|[+-][0-9]{2}:?[0-9]{2})";
    let patterns = [
        format!("({uuid}|capsule-secret-[0-9]+)"),
        format!("({date}(?:[T ](?:{clock}|[0-9]{{2}}:[0-9]{{2}}){zone}?)?|(?-u:\\b){clock}{zone}?)"),
        // Unix milliseconds and seconds, from 2014 on.
        "(?-u:\\b)(1[4-9][0-9]{8}(?:[0-9]{3})?)(?-u:\\b)".to_owned(),
        "(?-u:\\b)([0-9a-f]{40}|[0-9a-f]{64})(?-u:\\b)".to_owned(),
        // The first part of one of those above.
        "(?-u:\\b)([0-9a-f]{8})(?-u:\\b)".to_owned(),
        // Hexadecimal, or letters of both cases with digits: what these are made of is never a word.
        "(?-u:\\b)([0-9a-f]{16,128}|[A-Za-z0-9_-]{20,128})(?-u:\\b)".to_owned(),
        "(?-u:\\b)([0-9]+(?:\\.[0-9]+)?(?:ms(?-u:\\b)|(?: ?(?:s|m|h|d|seconds?|minutes?|hours?|days?) ago)))"
            .to_owned(),
        "(?:localhost|[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[[0-9a-fA-F:.]+\\]|://[A-Za-z0-9.-]+):([0-9]{2,5})(?-u:\\b)"
            .to_owned(),
    ];
    // It is a constant: a test compiles it.
    Regex::new(&patterns.join("|")).ok()
});

const KINDS: [Kind; 8] =
    [Kind::Id, Kind::Moment, Kind::Moment, Kind::Hash, Kind::Id, Kind::Id, Kind::Duration, Kind::Port];

/// Which of [`KINDS`] takes more than it means, and has to be looked at again.
const MIXED: usize = 5;

/// Takes a text apart.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let (mut done, mut next) = (0, 0);
    let Some(pattern) = &*PATTERN else { return vec![Piece { kind: None, text }] };
    while let Some(captures) = pattern.captures_at(text, next) {
        let Some((index, group)) = (0..KINDS.len()).find_map(|index| Some((index, captures.get(index + 1)?)))
        else {
            break;
        };
        if index == MIXED && !is_random(group.as_str()) {
            // There may be one inside. What was found is ASCII.
            next = group.start() + 1;
            continue;
        }
        next = group.end();
        if done < group.start() {
            found.push(Piece { kind: None, text: &text[done..group.start()] });
        }
        found.push(Piece { kind: Some(KINDS[index]), text: group.as_str() });
        done = group.end();
    }
    if done < text.len() || text.is_empty() {
        found.push(Piece { kind: None, text: &text[done..] });
    }
    found
}

/// Whether a run of letters and digits was made by chance.
fn is_random(text: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| text.bytes().any(|byte| wanted(&byte));
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    has(u8::is_ascii_digit) && (is_mixed || (is_hexadecimal && has(u8::is_ascii_lowercase)))
}

/// Whether a text is the placeholder of a secret in a capsule. Two of them stand for two secrets.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.strip_prefix("capsule-secret-")
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with every part that has a kind in its place.
    fn shown(text: &str) -> String {
        let part = |piece: &Piece<'_>| match piece.kind {
            None => piece.text.to_owned(),
            Some(kind) => format!("<{kind:?}>"),
        };
        pieces(text).iter().map(part).collect()
    }

    #[test]
    fn what_changes_is_found_and_nothing_else() {
        assert!(PATTERN.is_some());
        for (text, expected) in [
            ("", ""),
            ("operator.admin", "operator.admin"),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "<Id>"),
            ("agent:main:subagent:0f8fad5b-d9cb-469f-a165-70867728950e", "agent:main:subagent:<Id>"),
            ("sess_0f8fad5b-d9cb-469f-a165-70867728950e.jsonl", "sess_<Id>.jsonl"),
            ("0f8fad5bd9cb469fa16570867728950e", "<Id>"),
            ("inject-b007dccd", "inject-<Id>"),
            ("Bearer capsule-secret-12", "Bearer <Id>"),
            ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "<Hash>"),
            ("q0Xy7-2mVzLk5TnP9rWb3cDf6gHj8sAe1uIo4yQt0Zw", "<Id>"),
            ("anthropic/claude-opus-4-5", "anthropic/claude-opus-4-5"),
            ("internationalization-of-words", "internationalization-of-words"),
            ("capabilities-of-version-2-and-3", "capabilities-of-version-2-and-3"),
            ("at 2026-01-24T12:00:00.123Z, 2026-01-24 12:00", "at <Moment>, <Moment>"),
            ("12:00:01 INFO", "<Moment> INFO"),
            ("1769248800000 and 1769248800", "<Moment> and <Moment>"),
            ("OK (12ms)", "OK (<Duration>)"),
            ("seen 5m ago, every 30s", "seen <Duration>, every 30s"),
            ("ws://127.0.0.1:18789/", "ws://127.0.0.1:<Port>/"),
            ("http://[::1]:18789", "http://[::1]:<Port>"),
            ("http://box.local:18789/a", "http://box.local:<Port>/a"),
            ("max 10:30", "max 10:30"),
            ("unknown method: no.such", "unknown method: no.such"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn placeholders_are_numbered() {
        assert!(is_placeholder("capsule-secret-1"));
        assert!(!is_placeholder("capsule-secret-x"));
        assert!(!is_placeholder("secret-1"));
    }
}
