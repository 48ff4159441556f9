//! Values that stand behind a name which says that they are secret: `token=…`, `"password": "…"`, `--token …`. Pure.

use std::ops::Range;

use super::keys::is_unlike_prose;
use crate::config::is_secret_key;

/// Names longer than this are cut from the front.
const LONGEST_NAME: usize = 64;

/// Names that say so only in the query of a URL.
const IN_QUERIES: [&str; 6] = ["key", "auth", "sig", "signature", "code", "pwd"];

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    /// `name=value`: always a value.
    Equals,
    /// `name%3Dvalue`, the same within a URL.
    Escaped,
    /// `name: value`, which may be prose.
    Colon,
}

/// Every value of `text` behind such a name.
pub(super) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let value = match byte {
            b'=' => assigned(text, at, at + 1, Between::Equals),
            b':' => assigned(text, at, at + 1, Between::Colon),
            b'%' if is_escape(&bytes[at..], b'd') => assigned(text, at, at + 3, Between::Escaped),
            b'-' if bytes[at..].starts_with(b"--") => option(text, at + 2),
            _ => None,
        };
        at = match value {
            Some(value) => {
                let end = value.end;
                found.push(value);
                end
            }
            None => at + 1,
        };
    }
}

/// The value between `after` and its end, when what ends at `before` is the name of a secret.
fn assigned(text: &str, before: usize, after: usize, between: Between) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let name = name_before(text, before);
    let in_query = || {
        let start = name.as_ptr() as usize - text.as_ptr() as usize;
        between != Between::Colon
            && matches!(start.checked_sub(1).map(|index| bytes[index]), Some(b'?' | b'&'))
            && IN_QUERIES.contains(&name)
    };
    if name.is_empty() || !(is_secret_key(name) || in_query()) {
        return None;
    }
    let start = after + spaces(&bytes[after..]);
    if let Some((open, close)) = quoted(&bytes[start..]) {
        return (close > open).then_some(start + open..start + close);
    }
    if start > after && between != Between::Colon {
        // `token = x` is code or prose.
        return None;
    }
    let is_header = name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie");
    let length = if is_header {
        bytes[start..].iter().position(|byte| b"\r\n\"'".contains(byte))
    } else {
        bytes[start..].iter().enumerate().position(|(index, byte)| {
            byte.is_ascii_whitespace()
                || b"&\"'`;,)}]<>#\\".contains(byte)
                || between == Between::Escaped && is_escape(&bytes[start + index..], b'6')
        })
    };
    let value = &text[start..start + length.unwrap_or(text.len() - start)];
    let is_reference = value.starts_with("${") || value.starts_with("$(");
    let is_value = match between {
        Between::Equals | Between::Escaped => !value.starts_with(['=', '>']),
        Between::Colon => is_header || is_unlike_prose(value.as_bytes(), 6),
    };
    (!value.is_empty() && !is_reference && is_value).then_some(start..start + value.len())
}

/// `--token VALUE`, as in a command line.
fn option(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let length = bytes[start..].iter().position(|&byte| !is_name(byte))?;
    let value = start + length + 1;
    if bytes[start + length] != b' ' || !is_secret_key(&text[start..start + length]) {
        return None;
    }
    let end =
        bytes[value..].iter().position(u8::is_ascii_whitespace).map_or(text.len(), |index| value + index);
    is_unlike_prose(&bytes[value..end], 6).then_some(value..end)
}

/// The name that ends at `end`, perhaps with a quote and spaces behind it; the last part of a dotted one.
fn name_before(text: &str, end: usize) -> &str {
    let bytes = text.as_bytes();
    let skip = |end: usize, what: fn(&u8) -> bool| {
        let passed = bytes[..end].iter().rev().take(4).take_while(|byte| what(byte)).count();
        end - passed
    };
    let end = skip(skip(end, |byte| *byte == b' '), |byte| b"\"'\\".contains(byte));
    let length = bytes[..end].iter().rev().take(LONGEST_NAME).take_while(|byte| is_name(**byte)).count();
    &text[end - length..end]
}

/// Where a quoted value begins and ends. In a text that was quoted once more, the quotes are `\"`.
fn quoted(bytes: &[u8]) -> Option<(usize, usize)> {
    let depth = bytes.iter().take(4).take_while(|byte| **byte == b'\\').count();
    let quote = *bytes.get(depth).filter(|byte| b"\"'".contains(byte))?;
    let open = depth + 1;
    let mut backslashes = 0;
    for (index, &byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'\\' => backslashes += 1,
            _ if byte == quote && backslashes <= depth => return Some((open, index - backslashes)),
            _ => backslashes = 0,
        }
    }
    Some((open, bytes.len()))
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take(4).take_while(|byte| **byte == b' ').count()
}

/// `%3D` with `d`, `%26` with `6`.
fn is_escape(bytes: &[u8], last: u8) -> bool {
    let first = if last == b'd' { b'3' } else { b'2' };
    matches!(bytes, [b'%', one, two, ..] if *one == first && two.eq_ignore_ascii_case(&last))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        find(text, &mut found);
        let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_behind_their_names() {
        check("ws://h/?token=abc&x=1", &["abc"]);
        check("http://h/p?key=k1&access_token=t2#f", &["k1", "t2"]);
        check("GET /?next=%2F%3Fpassword%3Dhunter2%26x", &["hunter2"]);
        check("OPENAI_API_KEY=abc OTHER=1 botToken='two words' rest", &["abc", "two words"]);
        check(r#"{"apiKey": "k\"ey", "port": 1, "password":"päss"}"#, &[r#"k\"ey"#, "päss"]);
        check(r#"got "{\"token\":\"abc\",\"x\":1}""#, &["abc"]);
        check("Secret { token: \"abc\", x: 1 }", &["abc"]);
        check("gateway.auth.password: hunter2, and", &["hunter2"]);
        check("authorization: token of somebody\nnext", &["token of somebody"]);
        check("clawdbot gateway --token abc123 --port 1", &["abc123"]);
        check("--password correct-horse-battery-staple", &["correct-horse-battery-staple"]);
        check("token=\"never closed", &["never closed"]);
        check("token=é", &["é"]);
    }

    #[test]
    fn what_is_no_value() {
        check("--token must not be empty.", &[]);
        check("Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token.", &[]);
        check("gateway.auth.token: must be a text", &[]);
        check("unauthorized: gateway token mismatch (provide gateway auth token)", &[]);
        check("token=${TOKEN} token= token == other token => x, maxTokens=5", &[]);
        check("key=main code=1012 sessionKey=agent:dev:main", &[]);
        check("", &[]);
        check("=:%3D--", &[]);
    }
}
