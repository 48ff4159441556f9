//! Texts without their secrets: one pass over known values in all their forms, in linear time. Pure.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind};

use super::Evidence;
use super::book::Book;
use super::environment::assignments;
use super::forms::{encodings, forms, parts};
use super::neighbours::{is_name_of_a_member, is_number_alone, is_path, stands_alone};
use super::reach::{Reach, reach};
use super::sighting::sightings;

/// Secrets beyond this number are looked for as they are and escaped, but not in base64: so many have no other reason
/// than keys that no text quotes.
const ENCODED: usize = 2000;

/// What is replaced besides secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Texts that are replaced wherever they stand: identities of devices.
    pub(crate) anywhere: Vec<(String, String)>,
    /// Directories.
    pub(crate) places: Vec<(String, String)>,
}

/// Replaces what a book and names say.
pub(crate) struct Cleaner {
    known: AhoCorasick,
    targets: Vec<Target>,
    /// Directories in all their forms, the longest first.
    places: Vec<(String, usize)>,
    /// What stands in place of what.
    shown: Vec<String>,
    longest: usize,
    /// What every placeholder begins with.
    prefix: &'static str,
    /// Secrets that count only behind their names.
    there: HashMap<String, usize>,
}

/// What one form stands for.
#[derive(Clone, Copy)]
struct Target {
    rule: Rule,
    /// In `shown`.
    shown: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Anywhere,
    Alone,
    Number,
    Path,
    /// A placeholder, which stays as it is.
    Kept,
}

impl fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cleaner").field("forms", &self.targets.len()).finish_non_exhaustive()
    }
}

impl Cleaner {
    /// One that knows these. Fails when there are more than can be looked for.
    pub(crate) fn new(book: &Book, names: &Names) -> Result<Self, BuildError> {
        let mut building = Building { prefix: book.prefix(), ..Building::default() };
        building.add(book.prefix(), Rule::Kept, 0);
        for (index, entry) in book.entries().iter().enumerate() {
            let shown = building.shown(book.name(index));
            let rule = match entry.reach {
                Reach::There => {
                    building.there.insert(entry.value.clone(), shown);
                    continue;
                }
                Reach::Alone if entry.value.bytes().all(|byte| byte.is_ascii_digit()) => Rule::Number,
                Reach::Alone => Rule::Alone,
                Reach::Everywhere => Rule::Anywhere,
            };
            let encoded = index < ENCODED;
            building.add_forms(&entry.value, rule, shown, encoded);
            for part in parts(&entry.value).filter(|part| reach(part, Evidence::Place) == Reach::Everywhere) {
                building.add_forms(part, rule, shown, encoded);
            }
        }
        for (from, to) in &names.anywhere {
            let shown = building.shown(to.clone());
            building.add(from, Rule::Anywhere, shown);
        }
        for (from, to) in &names.places {
            let shown = building.shown(to.clone());
            for form in forms(from) {
                building.places.push((form.clone(), shown));
                building.add(&form, Rule::Path, shown);
            }
        }
        building.finish()
    }

    /// Length of the longest form. What is looked at in pieces must overlap by that.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Every place of `text` that is to be replaced, in order and apart from each other.
    pub(crate) fn swaps(&self, text: &str, look: Look) -> Vec<Swap<'_>> {
        let bytes = text.as_bytes();
        let mut swaps = Vec::new();
        self.each(bytes, 0, look, |range, shown| swaps.push(Swap { range, with: shown.into() }));
        if look >= Look::Places && !self.there.is_empty() {
            self.add_places(text, look, &mut swaps);
        }
        for swap in &mut swaps {
            if let Some(quote) = missing_quote(bytes, &swap.range) {
                swap.with = format!("{quote}{}{quote}", swap.with).into();
            }
        }
        swaps
    }

    /// The text without what is known.
    pub(crate) fn clean(&self, text: &str, look: Look) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for Swap { range, with } in self.swaps(text, look) {
            clean.push_str(&text[end..range.start]);
            clean.push_str(&with);
            end = range.end;
        }
        clean.push_str(&text[end..]);
        clean
    }

    /// Where the first of everything that is known begins in `bytes`, which may be anything; what stands before `from` is
    /// only looked at as its neighbours.
    pub(crate) fn first(&self, bytes: &[u8], from: usize, look: Look) -> Option<usize> {
        let mut first = None;
        self.each(bytes, from, look, |range, _| {
            first.get_or_insert(range.start);
        });
        first
    }

    /// Calls back with everything that is known by its value, in order, apart from each other.
    fn each<'c>(
        &'c self,
        bytes: &[u8],
        from: usize,
        look: Look,
        mut found: impl FnMut(Range<usize>, &'c str),
    ) {
        let mut at = from.min(bytes.len());
        while let Some(hit) = self.known.find(Input::new(bytes).range(at..)) {
            let (mut range, mut target) = (hit.range(), self.targets[hit.pattern().as_usize()]);
            let counts = match target.rule {
                Rule::Anywhere => true,
                Rule::Number | Rule::Alone | Rule::Path if look == Look::Names => false,
                Rule::Kept => {
                    at = range.end + bytes[range.end..].iter().take_while(|b| b.is_ascii_digit()).count();
                    continue;
                }
                Rule::Number => is_number_alone(bytes, &range),
                Rule::Alone => stands_alone(bytes, &range) && !is_name_of_a_member(bytes, &range),
                Rule::Path => match self.path(bytes, range.start) {
                    Some((end, shown)) => {
                        range.end = end;
                        target.shown = shown;
                        true
                    }
                    None => false,
                },
            };
            // What a placeholder is part of was made by it.
            if !counts || self.has_placeholder(bytes, &range) {
                // Something else may begin within it.
                at = range.start + 1;
                continue;
            }
            at = range.end;
            found(range, &self.shown[target.shown]);
        }
    }

    /// Whether a placeholder begins behind the start of `range` and before its end.
    fn has_placeholder(&self, bytes: &[u8], range: &Range<usize>) -> bool {
        let prefix = self.prefix.as_bytes();
        let is_one = |at: usize| {
            let rest = bytes[at..].strip_prefix(prefix);
            rest.and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit)
        };
        (range.start + 1..range.end).any(is_one)
    }

    /// The longest directory that begins here and is whole.
    fn path(&self, bytes: &[u8], start: usize) -> Option<(usize, usize)> {
        self.places.iter().find_map(|(form, shown)| {
            let end = start + form.len();
            let is_whole = bytes[start..].starts_with(form.as_bytes()) && is_path(bytes, &(start..end));
            is_whole.then_some((end, *shown))
        })
    }

    /// Adds the secrets that count only where a name says so.
    fn add_places<'c>(&'c self, text: &str, look: Look, swaps: &mut Vec<Swap<'c>>) {
        let named = sightings(text).into_iter().map(|sighting| (sighting.range, sighting.value));
        let variables = if look == Look::Variables { text } else { "" };
        let assigned =
            assignments(variables).map(|variable| (variable.range.clone(), text[variable.range].into()));
        let mut more: Vec<Swap<'c>> = named
            .chain(assigned)
            .filter_map(|(range, value): (Range<usize>, Cow<'_, str>)| {
                let shown = *self.there.get(value.as_ref())?;
                Some(Swap { range, with: self.shown[shown].as_str().into() })
            })
            .collect();
        // What is known by its value comes first: it may be longer.
        more.retain(|new| {
            let after = swaps.partition_point(|known| known.range.end <= new.range.start);
            swaps.get(after).is_none_or(|known| new.range.end <= known.range.start)
        });
        swaps.append(&mut more);
        swaps.sort_by_key(|swap| (swap.range.start, swap.range.end));
        swaps.dedup_by(|later, earlier| later.range.start < earlier.range.end);
    }
}

/// How much of a text is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// It is the name of a file: only what is no word.
    Names,
    /// Values that count wherever they stand.
    Values,
    /// Those behind names as well.
    Places,
    /// It is a `.env`: every variable of it too.
    Variables,
}

/// A place in a text, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Swap<'c> {
    /// Where.
    pub(crate) range: Range<usize>,
    /// What.
    pub(crate) with: Cow<'c, str>,
}

/// The quotes that a placeholder needs where a bare number stood in JSON, as they are around the name before it.
fn missing_quote(bytes: &[u8], range: &Range<usize>) -> Option<String> {
    let is_number = bytes[range.clone()].iter().all(|b| b.is_ascii_digit() || b"+-.eE".contains(b));
    if !is_number || range.is_empty() {
        return None;
    }
    let before = bytes[..range.start].trim_ascii_end();
    let after = bytes[range.end..].trim_ascii_start();
    let ends = after.first().is_some_and(|byte| b",]}".contains(byte));
    match before.split_last()? {
        (b':', name) if ends || after.is_empty() => {
            let name = name.trim_ascii_end();
            let quote = name.last().filter(|byte| b"\"'".contains(byte))?;
            let escapes = name[..name.len() - 1].iter().rev().take_while(|byte| **byte == b'\\').count();
            Some(format!("{}{}", "\\".repeat(escapes), char::from(*quote)))
        }
        (b',' | b'[', _) if ends => Some("\"".to_owned()),
        _ => None,
    }
}

#[derive(Default)]
struct Building {
    prefix: &'static str,
    patterns: Vec<Vec<u8>>,
    known: HashMap<Vec<u8>, usize>,
    targets: Vec<Target>,
    places: Vec<(String, usize)>,
    shown: Vec<String>,
    there: HashMap<String, usize>,
}

impl Building {
    fn shown(&mut self, text: String) -> usize {
        self.shown.push(text);
        self.shown.len() - 1
    }

    fn add_forms(&mut self, value: &str, rule: Rule, shown: usize, encoded: bool) {
        for form in forms(value) {
            self.add(&form, rule, shown);
        }
        // In base64 there are no words that it could be part of.
        for form in encodings(value).filter(|_| encoded) {
            self.add(&form, Rule::Anywhere, shown);
        }
    }

    /// The first one that has a form keeps it.
    fn add(&mut self, form: &str, rule: Rule, shown: usize) {
        if form.is_empty() || self.known.contains_key(form.as_bytes()) {
            return;
        }
        self.known.insert(form.as_bytes().to_vec(), self.patterns.len());
        self.patterns.push(form.as_bytes().to_vec());
        self.targets.push(Target { rule, shown });
    }

    fn finish(mut self) -> Result<Cleaner, BuildError> {
        self.places.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        let longest = self.patterns.iter().map(Vec::len).max().unwrap_or_default();
        let known = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.patterns)?;
        Ok(Cleaner {
            known,
            targets: self.targets,
            places: self.places,
            shown: self.shown,
            there: self.there,
            longest,
            prefix: self.prefix,
        })
    }
}

#[cfg(test)]
mod tests;
