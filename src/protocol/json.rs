//! JSON that JavaScript wrote.
//!
//! A text of JavaScript may be cut in the middle of a character, and is then written with half a surrogate pair, as
//! `"\ud83d"`. Rust has no such texts. `JSON.parse` takes them, so they are taken here too, with a replacement
//! character for each half; otherwise one cut emoji would make a whole file unreadable.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Result, Value};

/// What stands for half a character.
const REPLACEMENT: &[u8] = br"\ufffd";

/// Reads a value.
pub fn from_str(text: &str) -> Result<Value> {
    from_slice(text.as_bytes())
}

/// Reads a value from bytes, which have to be UTF-8.
pub fn from_slice(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).or_else(|error| match whole(bytes) {
        Cow::Owned(whole) => serde_json::from_slice(&whole),
        Cow::Borrowed(_) => Err(error),
    })
}

/// The bytes with every half of a surrogate pair replaced.
fn whole(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut replaced = Vec::new();
    let mut copied = 0;
    let mut rest = 0;
    while let Some(at) = bytes[rest..].iter().position(|&byte| byte == b'\\').map(|at| rest + at) {
        let (half, end) = match (unit(bytes, at), unit(bytes, at + REPLACEMENT.len())) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (false, at + 2 * REPLACEMENT.len()),
            (Some(0xd800..=0xdfff), _) => (true, at + REPLACEMENT.len()),
            // Whatever else is escaped, it may be another backslash.
            _ => (false, (at + 2).min(bytes.len())),
        };
        if half {
            replaced.extend_from_slice(&bytes[copied..at]);
            replaced.extend_from_slice(REPLACEMENT);
            copied = end;
        }
        rest = end;
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    replaced.extend_from_slice(&bytes[copied..]);
    Cow::Owned(replaced)
}

/// The code unit of `\uXXXX` at this place.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    const DIGITS: Range<usize> = 2..6;
    let escape = bytes.get(at..at + REPLACEMENT.len()).filter(|escape| escape.starts_with(br"\u"))?;
    let digits = std::str::from_utf8(&escape[DIGITS]).ok()?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let value = from_str(&format!("[\"{text}\"]")).ok();
        assert_eq!(value, expected.map(|expected| json!([expected])), "{text}");
    }

    #[test]
    fn half_a_character_is_no_reason_to_refuse_the_rest() {
        check(r"cut \ud83d", Some("cut \u{fffd}"));
        check(r"\ude00 cut", Some("\u{fffd} cut"));
        check(r"\uD83D\uD83D\uDE00\uDE00", Some("\u{fffd}😀\u{fffd}"));
        check(r"\ud83d\u0041", Some("\u{fffd}A"));
        check(r"\ud83d\n", Some("\u{fffd}\n"));
        check(r"\ud83d\ude00", Some("😀"));
    }

    #[test]
    fn everything_else_is_as_before() {
        check(r"\\ud83d", Some(r"\ud83d"));
        check(r"\ud83d \x", None);
        check(r"\ud83d \u12", None);
        check(r"\ud83", None);
        check("\\", None);
        assert_eq!(
            from_str(r#"{ "a": "\ud83d""#).unwrap_err().to_string(),
            "EOF while parsing an object at line 1 column 15"
        );
    }
}
