//! Which secrets there are, and what is called how. Pure.

use std::collections::HashMap;
use std::fmt;

use super::reach::{Evidence, Reach, reach};

/// Secrets in the order in which they were met. The same one has the same number, wherever it stands.
pub(crate) struct Book {
    prefix: &'static str,
    first: usize,
    entries: Vec<Entry>,
    numbers: HashMap<String, usize>,
}

/// A secret.
pub(super) struct Entry {
    pub(super) value: String,
    pub(super) reach: Reach,
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("secrets", &self.len()).finish_non_exhaustive()
    }
}

impl Book {
    /// An empty one; placeholders are `prefix` with a number.
    pub(crate) fn new(prefix: &'static str) -> Self {
        Self { prefix, first: 1, entries: Vec::new(), numbers: HashMap::new() }
    }

    /// Placeholders of an earlier cleaning are in the texts already, up to this number: others begin behind it.
    pub(crate) fn begin_behind(&mut self, number: usize) {
        debug_assert!(self.entries.is_empty());
        self.first = self.first.max(number.saturating_add(1));
    }

    /// Takes down a secret; what is none, because it says nothing, is not.
    pub(crate) fn note(&mut self, value: &str, evidence: Evidence) {
        if self.is_harmless(value) {
            return;
        }
        let reach = reach(value, evidence);
        if let Some(number) = self.numbers.get(value) {
            let known = &mut self.entries[*number];
            known.reach = known.reach.max(reach);
        } else {
            self.numbers.insert(value.to_owned(), self.entries.len());
            self.entries.push(Entry { value: value.to_owned(), reach });
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where a value is looked for, when it is a secret.
    #[cfg(test)]
    pub(crate) fn reach_of(&self, value: &str) -> Option<Reach> {
        self.numbers.get(value).map(|number| self.entries[*number].reach)
    }

    /// The placeholder of a secret.
    pub(crate) fn placeholder(&self, value: &str) -> Option<String> {
        self.numbers.get(value).map(|number| self.name(*number))
    }

    pub(super) fn prefix(&self) -> &'static str {
        self.prefix
    }

    pub(super) fn name(&self, index: usize) -> String {
        format!("{}{}", self.prefix, self.first + index)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A placeholder, a reference to a variable, or nothing.
    pub(super) fn is_harmless(&self, value: &str) -> bool {
        let value = value.trim();
        let is_reference = value.starts_with("${") && value.ends_with('}') && !value[2..].contains("${");
        let is_placeholder = value
            .strip_prefix(self.prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        let is_shown = ["[redacted]", "__redacted__", "null", "undefined", "true", "false"].contains(&value);
        let has_none = !value.chars().any(char::is_alphanumeric);
        has_none || is_reference || is_placeholder || is_shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_have_equal_numbers() {
        let mut book = Book::new("secret-");
        for value in ["one-0001", "two-0002", "one-0001", "${NAME}", "secret-7", "[redacted]", "", "***"] {
            book.note(value, Evidence::Guess);
        }
        assert_eq!(book.len(), 2);
        assert_eq!(book.placeholder("one-0001").as_deref(), Some("secret-1"));
        assert_eq!(book.placeholder("two-0002").as_deref(), Some("secret-2"));
        assert_eq!(book.placeholder("three"), None);
        assert!(!format!("{book:?}").contains("0001"));
    }

    #[test]
    fn the_best_evidence_counts() {
        let mut book = Book::new("secret-");
        book.begin_behind(4);
        book.note("sesame", Evidence::Guess);
        assert_eq!(book.reach_of("sesame"), Some(Reach::There));
        book.note("sesame", Evidence::Place);
        book.note("sesame", Evidence::Guess);
        assert_eq!(book.reach_of("sesame"), Some(Reach::Alone));
        assert_eq!(book.placeholder("sesame").as_deref(), Some("secret-5"));
    }
}
