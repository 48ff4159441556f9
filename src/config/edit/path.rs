//! Dotted paths as people type them: `a.b[0].c`, with `\` before a `.`, `[`, `]`, or `\` that belongs to a key.

use std::fmt;

/// A place in a document; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigPath(Vec<Segment>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A key of an object. In an array, a key that is a number counts as an index.
    Key(String),
    /// An index of an array.
    Index(usize),
}

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing at all, or nothing between two dots.
    #[error("a key is missing; write it like gateway.port or agents.list[0].id")]
    EmptyKey,
    /// Not a number between brackets, or no closing bracket.
    #[error("between [ and ] stands a number, as in agents.list[0].id")]
    BadIndex,
    /// Something other than `.` or `[` after `]`.
    #[error("after ] follows a dot, as in agents.list[0].id")]
    AfterIndex,
}

impl ConfigPath {
    /// Parses a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        let mut key_expected = true;
        while !rest.is_empty() || key_expected {
            if let Some(inside) = rest.strip_prefix('[') {
                let (index, after) = inside.split_once(']').ok_or(PathError::BadIndex)?;
                let index: usize = index.trim().parse().map_err(|_| PathError::BadIndex)?;
                segments.push(Segment::Index(index));
                rest = after;
            } else if key_expected {
                let (key, after) = key(rest);
                if key.is_empty() {
                    return Err(PathError::EmptyKey);
                }
                segments.push(Segment::Key(key));
                rest = after;
            } else {
                return Err(PathError::AfterIndex);
            }
            key_expected = false;
            if let Some(after) = rest.strip_prefix('.') {
                rest = after;
                key_expected = true;
            }
        }
        Ok(Self(segments))
    }

    /// The steps, at least one.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The same path without its last step; `None` when it has only one.
    pub fn parent(&self) -> Option<Self> {
        let (_, parent) = self.0.split_last().filter(|(_, parent)| !parent.is_empty())?;
        Some(Self(parent.to_vec()))
    }

    /// The first `length` steps, for messages.
    pub(super) fn prefix(&self, length: usize) -> String {
        show(self.0.get(..length).unwrap_or(&self.0))
    }
}

impl Segment {
    /// The step as an index: `agents.list.0` means `agents.list[0]`.
    pub(in crate::config) fn as_index(&self) -> Option<usize> {
        match self {
            Self::Key(key) => key.parse().ok(),
            Self::Index(index) => Some(*index),
        }
    }

    /// The step as a key.
    pub(in crate::config) fn as_key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }
}

impl FromIterator<Segment> for ConfigPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

/// The key at the start of `text` with its escapes undone, and what follows it.
fn key(text: &str) -> (String, &str) {
    let mut key = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '.' | '[' => return (key, &text[at..]),
            '\\' => key.push(characters.next().map_or('\\', |(_, escaped)| escaped)),
            c => key.push(c),
        }
    }
    (key, "")
}

fn show(segments: &[Segment]) -> String {
    let mut text = String::new();
    for segment in segments {
        match segment {
            Segment::Index(index) => text.extend(["[", &index.to_string(), "]"]),
            Segment::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                for c in key.chars() {
                    if matches!(c, '.' | '[' | ']' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                }
            }
        }
    }
    text
}

impl fmt::Display for ConfigPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(key: &str) -> Segment {
        Segment::Key(key.to_owned())
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&[Segment], PathError>) {
        let found = ConfigPath::parse(text);
        assert_eq!(found.as_ref().map(ConfigPath::segments).map_err(|error| *error), expected, "{text:?}");
        if let Ok(path) = found {
            assert_eq!(ConfigPath::parse(&path.to_string()), Ok(path), "{text:?} shown and parsed again");
        }
    }

    #[test]
    fn paths_are_keys_and_indices() {
        check("a", Ok(&[keyed("a")]));
        check(" gateway.port ", Ok(&[keyed("gateway"), keyed("port")]));
        check("a.b[0].c", Ok(&[keyed("a"), keyed("b"), Segment::Index(0), keyed("c")]));
        check("a[1][ 2 ]", Ok(&[keyed("a"), Segment::Index(1), Segment::Index(2)]));
        check("[3]", Ok(&[Segment::Index(3)]));
        check(r"models.claude-4\.5.alias", Ok(&[keyed("models"), keyed("claude-4.5"), keyed("alias")]));
        check(r"a\[0\]\\b", Ok(&[keyed(r"a[0]\b")]));
        check(r"a\", Ok(&[keyed(r"a\")]));
        check("a b.ä", Ok(&[keyed("a b"), keyed("ä")]));
    }

    #[test]
    fn what_is_no_path_says_how_one_is_written() {
        for text in ["", " ", ".", "a.", ".a", "a..b"] {
            check(text, Err(PathError::EmptyKey));
        }
        for text in ["a[", "a[x]", "a[-1]", "a[]", "a[1"] {
            check(text, Err(PathError::BadIndex));
        }
        check("a[0]b", Err(PathError::AfterIndex));
    }
}
