//! What identifiers of the recording are called in this run: learned from answers, put into later requests.

use std::borrow::Cow;
use std::collections::HashMap;

use super::lexeme::{self, Kind, Piece};

/// Identifiers of the recording, and what they are here.
#[derive(Debug, Default)]
pub(super) struct Learned {
    here: HashMap<String, String>,
    /// The other way round, without hashes.
    recorded: HashMap<String, String>,
}

/// An identifier that a comparison has found: as recorded, and here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) kind: Kind,
    pub(super) recorded: String,
    pub(super) here: String,
}

// === impl Learned ===

impl Learned {
    /// What it is called here, when that is known.
    pub(super) fn get(&self, recorded: &str) -> Option<&str> {
        self.here.get(recorded).map(String::as_str)
    }

    /// What it was called in the recording, when that is known.
    pub(super) fn origin(&self, here: &str) -> Option<&str> {
        self.recorded.get(here).map(String::as_str)
    }

    /// Remembers it. Of an identifier the first word counts, of a hash the last: its content has changed.
    pub(super) fn learn(&mut self, pair: Pair) {
        if pair.kind == Kind::Hash {
            self.here.insert(pair.recorded, pair.here);
        } else if !self.here.contains_key(&pair.recorded) {
            self.recorded.insert(pair.here.clone(), pair.recorded.clone());
            self.here.insert(pair.recorded, pair.here);
        }
    }

    /// A text of the recording with everything that is known put in its place.
    pub(super) fn rewritten<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.here.is_empty() {
            return Cow::Borrowed(text);
        }
        let pieces = lexeme::pieces(text);
        let put = |piece: &Piece<'a>| self.meaning(piece).unwrap_or(piece.text).to_owned();
        if pieces.iter().all(|piece| self.meaning(piece).is_none()) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(pieces.iter().map(put).collect())
    }

    fn meaning(&self, piece: &Piece<'_>) -> Option<&str> {
        matches!(piece.kind, Some(Kind::Id | Kind::Hash)).then(|| self.get(piece.text)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_put_in_its_place() {
        let (old, new) = ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
        let mut learned = Learned::default();
        let frame = format!(r#"{{"requestId":"{old}","key":"agent:main:subagent:{old}"}}"#);
        assert!(matches!(learned.rewritten(&frame), Cow::Borrowed(_)));
        learned.learn(Pair { kind: Kind::Id, recorded: old.to_owned(), here: new.to_owned() });
        assert_eq!(learned.rewritten(&frame), frame.replace(old, new));
        assert!(matches!(learned.rewritten(r#"{"other":1}"#), Cow::Borrowed(_)));
    }
}
