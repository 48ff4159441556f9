//! What stands between the values of a document: white space, comments, commas.

use std::ops::Range;

/// One piece between values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// White space, line breaks included.
    Space(Range<usize>),
    /// `// …`, without its line break.
    Line(Range<usize>),
    /// `/* … */`.
    Block(Range<usize>),
    /// `,`.
    Comma(usize),
    /// Anything else; nothing after it is looked at.
    Other(usize),
}

/// The pieces of `text[range]`, in order.
pub(super) fn pieces(text: &str, range: Range<usize>) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = &text[at..range.end];
        let space = rest.len() - rest.trim_start_matches(is_space).len();
        let piece = if space > 0 {
            Piece::Space(at..at + space)
        } else if rest.starts_with("//") {
            Piece::Line(at..at + rest.find(['\n', '\r']).unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            Piece::Block(at..at + rest.find("*/").map_or(rest.len(), |length| length + 2))
        } else if rest.starts_with(',') {
            Piece::Comma(at)
        } else {
            found.push(Piece::Other(at));
            break;
        };
        at = match &piece {
            Piece::Space(range) | Piece::Line(range) | Piece::Block(range) => range.end,
            Piece::Comma(at) | Piece::Other(at) => at + 1,
        };
        found.push(piece);
    }
    found
}

/// The first comma between two values, comments skipped.
pub(super) fn comma(text: &str, range: Range<usize>) -> Option<usize> {
    pieces(text, range).into_iter().find_map(|piece| match piece {
        Piece::Comma(at) => Some(at),
        _ => None,
    })
}

/// Whether there is a comment.
pub(super) fn has_comment(text: &str, range: Range<usize>) -> bool {
    pieces(text, range).iter().any(|piece| matches!(piece, Piece::Line(_) | Piece::Block(_)))
}

/// How many comments there are, also between values.
pub(crate) fn count_comments(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let here = &rest[at..];
        let length =
            if let Some(Piece::Line(range) | Piece::Block(range)) = pieces(here, 0..here.len()).first() {
                count += 1;
                range.end
            } else {
                string_length(here)
            };
        rest = &here[length..];
    }
    count
}

/// The length of the string at the start of a text, or of one character that begins none.
fn string_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    let Some((_, quote @ ('"' | '\''))) = characters.next() else { return 1 };
    while let Some((at, c)) = characters.next() {
        if c == quote {
            return at + 1;
        }
        if c == '\\' {
            characters.next();
        }
    }
    text.len()
}

/// Where the comments that follow on the same line end; `from` when there are none. With `lines` also behind a
/// `//` comment, after which nothing else can stand on the line.
pub(super) fn comments_end(text: &str, range: Range<usize>, lines: bool) -> usize {
    let mut end = range.start;
    for piece in pieces(text, range) {
        match piece {
            Piece::Space(range) if !text[range.clone()].contains(['\n', '\r']) => {}
            Piece::Line(range) if lines => return range.end,
            Piece::Block(range) => end = range.end,
            _ => break,
        }
    }
    end
}

/// White space as the parser has it, and the byte order mark, which is white space in JSON5.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_apart() {
        let text = " // a, b\n/*,*/,x,";
        assert_eq!(
            pieces(text, 0..text.len()),
            [
                Piece::Space(0..1),
                Piece::Line(1..8),
                Piece::Space(8..9),
                Piece::Block(9..14),
                Piece::Comma(14),
                Piece::Other(15),
            ]
        );
        assert_eq!(comma(text, 0..text.len()), Some(14));
    }

    #[test]
    fn comments_are_counted_and_strings_are_none() {
        for (text, count) in [
            ("{ a: '//', /* \" */ b: [1], // c\n}", 2),
            (r#"{ "a\"//": 'it\'s /*' }"#, 0),
            ("a / b 'open //", 0),
            ("", 0),
        ] {
            assert_eq!(count_comments(text), count, "{text}");
        }
    }

    #[test]
    fn comments_belong_to_the_line_that_they_stand_on() {
        for (text, lines, end) in [
            (" /* a */ // b\n// c", true, 13),
            (" /* a */ // b\n// c", false, 8),
            ("\n// c", true, 0),
            (", // c", true, 0),
            ("", true, 0),
        ] {
            assert_eq!(comments_end(text, 0..text.len(), lines), end, "{text:?}");
        }
    }
}
