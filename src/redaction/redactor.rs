//! Everything that must not be read in a log, found and replaced. Pure.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::{Regex, RegexBuilder};

use super::{keys, named};
use crate::config::url_credentials;
use crate::settings::Secret;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Shorter secrets are not looked for: their value would be found in half of all words.
const SHORTEST: usize = 4;

/// Shorter ones count only where they stand alone.
const ALONE: usize = 8;

/// Finds secrets: by value, by form, behind their names, and by the patterns of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    secrets: Option<AhoCorasick>,
    patterns: Vec<Regex>,
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadPattern {
    /// Its place in `logging.redactPatterns`.
    pub(crate) index: usize,
    /// Why.
    pub(crate) problem: String,
}

impl Redactor {
    /// Prepares for these secrets and patterns. A pattern that cannot be used is left out and reported.
    pub(crate) fn new(secrets: &[Secret], patterns: &[String]) -> (Self, Vec<BadPattern>) {
        let mut values: Vec<Cow<'_, str>> = Vec::new();
        for secret in secrets.iter().map(Secret::expose).filter(|text| text.len() >= SHORTEST) {
            values.push(secret.into());
            // As it stands in a text that was quoted.
            let escaped = secret.escape_debug().to_string();
            if escaped != secret {
                values.push(escaped.into());
            }
        }
        let build = || {
            let values = values.iter().map(|value| value.as_bytes());
            // The form that is built fastest: that happens before the first line of every start.
            AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .prefilter(false)
                .match_kind(MatchKind::LeftmostLongest)
                .build(values)
                .ok()
        };
        let mut redactor =
            Self { secrets: if values.is_empty() { None } else { build() }, patterns: Vec::new() };
        let mut bad = Vec::new();
        for (index, text) in patterns.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            match pattern(text) {
                Ok(pattern) => redactor.patterns.push(pattern),
                Err(error) => bad.push(BadPattern { index, problem: last_line(&error.to_string()) }),
            }
        }
        (redactor, bad)
    }

    /// The text with every secret replaced.
    pub(crate) fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replace(text, self.find(text))
    }

    /// Every place of the text that holds one, in no order; they may overlap.
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if let Some(secrets) = &self.secrets {
            let matches = secrets.find_iter(text).map(|found| found.range());
            found.extend(matches.filter(|range| range.len() >= ALONE || stands_alone(text, range)));
        }
        keys::find(text, &mut found);
        named::find(text, &mut found);
        found.extend(url_credentials(text));
        for pattern in &self.patterns {
            found.extend(pattern.captures_iter(text).filter_map(|captures| {
                // The last group is the secret, as published; without groups all of it is.
                captures.iter().flatten().last().map(|group| group.range())
            }));
        }
        found.retain(|range| !range.is_empty());
        found
    }
}

/// A pattern as people write it: bare, or as in JavaScript between slashes. Upper and lower case are the same unless
/// flags are given without `i`.
fn pattern(text: &str) -> Result<Regex, regex::Error> {
    let parts = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    let (body, flags) = match parts {
        Some((body, flags)) if flags.chars().all(|flag| "gimsuy".contains(flag)) => (body, flags),
        _ => (text, "i"),
    };
    RegexBuilder::new(body)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .build()
}

/// The explanation, which stands below a drawing of the place.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or(text).trim().to_owned()
}

fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let is_word = |c: char| c.is_alphanumeric();
    !text[..range.start].ends_with(is_word) && !text[range.end..].starts_with(is_word)
}

fn replace(text: &str, mut found: Vec<Range<usize>>) -> Cow<'_, str> {
    if found.is_empty() {
        return text.into();
    }
    found.sort_unstable_by_key(|range| range.start);
    let mut clean = String::with_capacity(text.len());
    let mut end = 0;
    for range in found {
        if range.start >= end {
            clean.push_str(&text[end..range.start]);
            // What begins where another one ended belongs to it.
            if range.start > end || !clean.ends_with(REDACTED) {
                clean.push_str(REDACTED);
            }
        }
        end = end.max(range.end);
    }
    clean.push_str(&text[end..]);
    clean.into()
}

#[cfg(test)]
mod tests;
