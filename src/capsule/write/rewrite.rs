//! A text of any length without its secrets.

use std::io::{self, Read, Write};

use super::window::{PIECE, Seen, Window, end_in};
use crate::redaction::{Cleaner, Look, Swap};

/// How far before a value its name begins, at most.
const NAME: usize = 128;

/// What becomes of a text that should be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rewritten {
    /// It is written.
    Yes,
    /// It is no text any more.
    NoText,
}

/// Writes `input` to `out` without what `cleaner` knows.
pub(super) fn rewrite(
    input: impl Read,
    cleaner: &Cleaner,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<Rewritten> {
    // Whatever begins before the end of a piece is seen whole, with its neighbours.
    let kept = cleaner.longest() + NAME;
    let mut window = Window::new(input, PIECE.max(4 * kept));
    loop {
        let (text, is_last) = match window.look()? {
            Seen::Piece(text) => (text, false),
            Seen::Last(text) => (text, true),
            Seen::NoText => return Ok(Rewritten::NoText),
        };
        let swaps = cleaner.swaps(text, look);
        let end = if is_last { text.len() } else { end_between(text, end_in(text, kept), &swaps) };
        let mut at = 0;
        for swap in swaps.iter().take_while(|swap| swap.range.end <= end) {
            out.write_all(&text.as_bytes()[at..swap.range.start])?;
            out.write_all(swap.with.as_bytes())?;
            at = swap.range.end;
        }
        out.write_all(&text.as_bytes()[at..end])?;
        if is_last {
            return Ok(Rewritten::Yes);
        }
        window.done(end);
    }
}

/// `end`, or a place before it that is between two swaps and leaves the next one its name.
fn end_between(text: &str, end: usize, swaps: &[Swap<'_>]) -> usize {
    if text[..end].ends_with('\n') && !swaps.iter().any(|swap| swap.range.start < end && end < swap.range.end)
    {
        return end;
    }
    let Some(next) = swaps.iter().find(|swap| swap.range.end > end && swap.range.start < end + NAME) else {
        return end;
    };
    let start = next.range.start.min(end);
    let before = text.floor_char_boundary(start.saturating_sub(NAME));
    let last = swaps.iter().map(|swap| swap.range.end).filter(|known| *known <= start).max();
    match before.max(last.unwrap_or_default()) {
        0 => next.range.end,
        between => between,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::redaction::{Book, Evidence, Names};

    fn cleaner(secrets: &[&str]) -> Cleaner {
        let mut book = Book::new("secret-");
        for secret in secrets {
            book.note(secret, Evidence::Place);
        }
        Cleaner::new(&book, &Names::default()).unwrap()
    }

    fn rewritten(text: &str, cleaner: &Cleaner) -> String {
        let mut out = Vec::new();
        assert_eq!(rewrite(text.as_bytes(), cleaner, Look::Places, &mut out).unwrap(), Rewritten::Yes);
        String::from_utf8(out).unwrap()
    }

    /// Secrets are found wherever a piece ends, in lines and without.
    #[test]
    fn long_texts_are_as_clean_as_short_ones() {
        let cleaner = cleaner(&["s3cret-of-some-length", "abc"]);
        for (between, line) in [(" ", "\n"), (" ", " "), (",", ","), ("x", "x")] {
            let mut text = String::new();
            let mut number = 0_usize;
            while text.len() < 3 * PIECE {
                number += 1;
                text.push_str(&between.repeat(number % 97 + 1));
                text.push_str("s3cret-of-some-length");
                text.push_str(&between.repeat(number % 89 + 1));
                text.push_str("\"password\":\"abc\"");
                text.push_str(line);
            }
            let clean = rewritten(&text, &cleaner);
            assert_eq!(clean, cleaner.clean(&text, Look::Places));
            assert_eq!(clean.matches("secret-1").count(), number);
            assert_eq!(clean.matches("secret-2").count(), number);
        }
    }

    proptest! {
        #[test]
        fn an_end_is_never_within_a_swap(starts in prop::collection::btree_set(0_usize..400, 0..20), end in 1_usize..400) {
            let text = "x".repeat(500);
            let mut swaps: Vec<Swap<'_>> = Vec::new();
            for start in starts {
                if swaps.last().is_none_or(|last| last.range.end <= start) {
                    swaps.push(Swap { range: start..start + 30, with: "".into() });
                }
            }
            let found = end_between(&text, end, &swaps);
            prop_assert!(found > 0);
            prop_assert!(swaps.iter().all(|swap| found <= swap.range.start || swap.range.end <= found), "{found}");
        }
    }
}
