//! What stands beside a place in a text: whether a word goes on there, with escapes taken for what they mean. Pure.

use std::ops::Range;

/// Whether the character before `at` belongs to the same word.
pub(super) fn word_before(bytes: &[u8], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).map(|index| bytes[index]);
    let Some(last) = before(1) else { return false };
    if !is_word(last) {
        return false;
    }
    // `\n`, `%3D`, and `\u000a` are no letters.
    let is_escape = before(2) == Some(b'\\') && b"nrtbf".contains(&last);
    let is_hex = |distance: usize| before(distance).is_some_and(|byte| byte.is_ascii_hexdigit());
    let is_percent = before(3) == Some(b'%') && is_hex(1) && is_hex(2);
    let is_unicode = (1..=4).all(is_hex) && before(5) == Some(b'u') && before(6) == Some(b'\\');
    !(is_escape || is_percent || is_unicode)
}

/// Whether the character at `at` belongs to the same word.
pub(super) fn word_after(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).copied().is_some_and(is_word)
}

/// Whether it stands apart from other words.
pub(super) fn stands_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    !word_before(bytes, range.start) && !word_after(bytes, range.end)
}

/// The same for digits, which may be part of a longer number.
pub(super) fn is_number_alone(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = |distance: usize| range.start.checked_sub(distance).map(|at| bytes[at]);
    let is_digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
    let has_sign = matches!(before(1), Some(b'-' | b'+')) && !before(2).is_some_and(is_word);
    let is_fraction = before(1) == Some(b'.') && is_digit(before(2));
    let has_fraction = bytes.get(range.end) == Some(&b'.') && is_digit(bytes.get(range.end + 1).copied());
    stands_alone(bytes, range) && !has_sign && !is_fraction && !has_fraction
}

/// Whether it is all of the name of a member: `"name":`.
pub(super) fn is_name_of_a_member(bytes: &[u8], range: &Range<usize>) -> bool {
    let opens = range.start.checked_sub(1).is_some_and(|at| b"\"'".contains(&bytes[at]));
    let rest = &bytes[range.end..];
    let rest = &rest[rest.iter().take_while(|byte| **byte == b'\\').count()..];
    let Some((b'"' | b'\'', rest)) = rest.split_first() else { return false };
    opens && rest.iter().find(|byte| **byte != b' ') == Some(&b':')
}

/// Whether a path begins here, and ends there.
pub(super) fn is_path(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = range.start.checked_sub(1).map(|at| bytes[at]);
    let begins = match before {
        None => true,
        // `file:///home/…`
        Some(b'/') => bytes[..range.start].ends_with(b"://"),
        Some(byte) => !b"-_.".contains(&byte) && !word_before(bytes, range.start),
    };
    let goes_on = match bytes.get(range.end) {
        Some(b'-' | b'_') => true,
        // The end of a sentence, perhaps.
        Some(b'.') => word_after(bytes, range.end + 1),
        _ => word_after(bytes, range.end),
    };
    begins && !goes_on
}

/// Parts of characters beyond ASCII count as letters.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, what: &str) -> Range<usize> {
        let start = text.find(what).unwrap();
        start..start + what.len()
    }

    #[test]
    fn words_end_at_escapes() {
        for (text, alone) in [
            ("hunter2", true),
            ("(hunter2)", true),
            ("a\\nhunter2\\n", true),
            ("a%3Dhunter2%26", true),
            ("a\\u000ahunter2", true),
            ("xhunter2", false),
            ("hunter22", false),
            ("éhunter2", false),
            ("unhunter2", false),
        ] {
            assert_eq!(stands_alone(text.as_bytes(), &range(text, "hunter2")), alone, "{text}");
        }
    }

    #[test]
    fn numbers_end_where_they_end() {
        for (text, alone) in [
            ("123456", true),
            ("pin 123456.", true),
            ("pin-123456", true),
            (":-123456,", false),
            ("0.123456", false),
            ("123456.5", false),
            ("1234567", false),
        ] {
            assert_eq!(is_number_alone(text.as_bytes(), &range(text, "123456")), alone, "{text}");
        }
    }

    #[test]
    fn names_of_members() {
        for (text, is_name) in [
            (r#"{"sesame": 1}"#, true),
            (r#"{\"sesame\":1}"#, true),
            (r#"{"x":"sesame"}"#, false),
            ("sesame: 1", false),
            (r#""open sesame":"#, false),
        ] {
            assert_eq!(is_name_of_a_member(text.as_bytes(), &range(text, "sesame")), is_name, "{text}");
        }
    }

    #[test]
    fn paths_are_whole() {
        for (text, whole) in [
            ("/home/ada", true),
            ("\"/home/ada/x\"", true),
            ("see /home/ada.", true),
            ("a\\n/home/ada", true),
            ("file:///home/ada/x", true),
            ("/home/ada2", false),
            ("/home/ada.old", false),
            ("/home/ada-2", false),
            ("/mnt/home/ada", false),
            ("./home/ada", false),
            ("x/home/ada", false),
        ] {
            assert_eq!(is_path(text.as_bytes(), &range(text, "/home/ada")), whole, "{text}");
        }
    }
}
