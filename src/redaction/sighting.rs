//! Where a text holds a secret, and which. Pure.

use std::borrow::Cow;
use std::ops::Range;

use super::reach::Evidence;
use super::{keys, named};
use crate::config::url_credentials;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sighting<'t> {
    /// Where it stands.
    pub(crate) range: Range<usize>,
    /// What it is, without the escapes that it stands in.
    pub(crate) value: Cow<'t, str>,
    /// How it is known.
    pub(crate) evidence: Evidence,
}

/// Every secret of `text` that can be recognised, in no order; they may overlap.
pub(crate) fn sightings(text: &str) -> Vec<Sighting<'_>> {
    let mut ranges = Vec::new();
    keys::find(text, &mut ranges);
    let mut found: Vec<Sighting<'_>> = ranges.drain(..).map(|range| of_form(text, range)).collect();
    named::find(text, &mut ranges);
    found.extend(ranges.into_iter().filter_map(|range| of_name(text, range)));
    found.extend(url_credentials(text).filter_map(|range| of_url(text, range)));
    found
}

/// What has the form of a key.
fn of_form(text: &str, range: Range<usize>) -> Sighting<'_> {
    let range = without_scheme(text, range);
    let value = &text[range.clone()];
    // A private key within a string has its line breaks escaped.
    let value = if value.starts_with("-----") { unescaped(value, 3) } else { value.into() };
    Sighting { range, value, evidence: Evidence::Place }
}

/// What stands behind a name.
fn of_name(text: &str, range: Range<usize>) -> Option<Sighting<'_>> {
    let range = without_scheme(text, range);
    let raw = &text[range.clone()];
    let before = &text[..range.start];
    let unquoted = before.trim_end_matches(['"', '\'']);
    let is_quoted = unquoted.len() < before.len();
    let escapes = unquoted.len() - unquoted.trim_end_matches('\\').len();
    let named = unquoted.trim_end_matches('\\').trim_end_matches(' ').strip_suffix(':');
    if raw.bytes().all(|byte| byte.is_ascii_digit()) && named.is_some_and(counts) {
        return None;
    }
    let evidence = if named.is_some() && is_quoted { Evidence::Told } else { Evidence::Guess };
    let value = if is_quoted { unescaped(raw, escapes + 1) } else { raw.into() };
    Some(Sighting { range, value, evidence })
}

/// Whether a number behind this name says how many tokens a model used.
fn counts(before: &str) -> bool {
    before.trim_end_matches(['"', '\'', '\\', ' ']).ends_with("okens")
}

/// The password of a URL, or what stands there alone.
fn of_url(text: &str, range: Range<usize>) -> Option<Sighting<'_>> {
    let credentials = &text[range.clone()];
    let start = credentials.find(':').map_or(range.start, |colon| range.start + colon + 1);
    let value = &text[start..range.end];
    // The name of a user, as in `ssh://git@host`.
    let is_user = start == range.start && !super::keys::is_unlike_prose(value.as_bytes(), 8);
    let is_something = !value.is_empty() && !is_user;
    is_something.then(|| Sighting { range: start..range.end, value: value.into(), evidence: Evidence::Place })
}

/// Without the scheme of an `Authorization` header, so that the token is the same as anywhere else.
fn without_scheme(text: &str, range: Range<usize>) -> Range<usize> {
    let value = &text[range.clone()];
    let scheme = ["bearer ", "basic "]
        .into_iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let Some(scheme) = scheme else { return range };
    let rest = value[scheme.len()..].trim_start_matches(' ');
    range.end - rest.len()..range.end
}

/// What a string of JSON means that was quoted so many times; itself when it is none.
fn unescaped(raw: &str, times: usize) -> Cow<'_, str> {
    let mut value: Cow<'_, str> = raw.into();
    for _ in 0..times.min(4) {
        if !value.contains('\\') {
            break;
        }
        let Ok(text) = serde_json::from_str::<String>(&format!("\"{value}\"")) else { break };
        value = text.into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Evidence)]) {
        let found = sightings(text);
        let found: Vec<(&str, Evidence)> =
            found.iter().map(|sighting| (sighting.value.as_ref(), sighting.evidence)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_what_they_mean() {
        use Evidence::{Guess, Place, Told};
        check(r#"{"password":"abc"}"#, &[("abc", Told)]);
        check(r#"{"password":"a\"b\\c"}"#, &[("a\"b\\c", Told)]);
        check(r#"{"raw":"{\"token\":\"a\\\"b\"}"}"#, &[("a\"b", Told)]);
        check("{ token: 'a-b' }", &[("a-b", Told)]);
        check("?token=a%2Fb&x", &[("a%2Fb", Guess)]);
        check("OPENAI_API_KEY='two words'", &[("two words", Guess)]);
        check(
            "Authorization: Bearer abcdef0123456789",
            &[("abcdef0123456789", Place), ("abcdef0123456789", Guess)],
        );
        check("ws://ada:pw-of-ada@host/ ssh://git@host", &[("pw-of-ada", Place)]);
        check("https://a1b2c3d4e5f6@host", &[("a1b2c3d4e5f6", Place)]);
        check(r#"{"inputTokens":123456,"token":123456}"#, &[("123456", Guess)]);
        let key = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----";
        check(&format!("{{\"x\":\"{key}\"}}"), &[(&key.replace("\\n", "\n"), Place)]);
    }
}
