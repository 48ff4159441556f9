//! Texts that do not fit into memory, piece by piece: whoever looks at a piece says how much of it is done.

use std::io::{self, Read};

/// How much is read at a time, at least.
pub(super) const PIECE: usize = 1 << 20;

/// A window on a text.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer is done.
    done: usize,
    piece: usize,
    is_over: bool,
}

/// What is seen of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen<'w> {
    /// A piece that goes on.
    Piece(&'w str),
    /// The rest.
    Last(&'w str),
    /// It is no text: it is not UTF-8, or has NUL in it.
    NoText,
}

impl<R: Read> Window<R> {
    /// A window that is at least `piece` bytes wide.
    pub(super) fn new(input: R, piece: usize) -> Self {
        Self { input, buffer: Vec::new(), done: 0, piece, is_over: false }
    }

    /// What was read.
    pub(super) fn into_input(self) -> R {
        self.input
    }

    /// The text from where the last piece was done.
    pub(super) fn look(&mut self) -> io::Result<Seen<'_>> {
        self.buffer.drain(..self.done);
        self.done = 0;
        while !self.is_over && self.buffer.len() < self.piece {
            let wanted = (self.piece - self.buffer.len()) as u64;
            let read = (&mut self.input).take(wanted).read_to_end(&mut self.buffer)?;
            self.is_over = read == 0;
        }
        let valid = match std::str::from_utf8(&self.buffer) {
            Ok(text) => text,
            // A character that is cut in two.
            Err(error) if error.error_len().is_none() && !self.is_over => {
                let (valid, _) = self.buffer.split_at(error.valid_up_to());
                std::str::from_utf8(valid).unwrap_or_default()
            }
            Err(_) => return Ok(Seen::NoText),
        };
        if valid.as_bytes().contains(&0) {
            return Ok(Seen::NoText);
        }
        Ok(if self.is_over { Seen::Last(valid) } else { Seen::Piece(valid) })
    }

    /// Says that this much of what was seen is done.
    pub(super) fn done(&mut self, bytes: usize) {
        self.done = bytes.min(self.buffer.len());
    }
}

/// Where to end in a piece of which at least `kept` bytes are to be seen again: behind a line, as far as there is one.
/// Never 0 when more than that was seen.
pub(super) fn end_in(text: &str, kept: usize) -> usize {
    let most = text.floor_char_boundary(text.len().saturating_sub(kept));
    if let Some(at) = text[..most].rfind('\n') {
        return at + 1;
    }
    // One line. Between members, if it looks like that.
    let from = text.floor_char_boundary(most.saturating_sub(4096));
    text[from..most].rfind(',').map_or(most, |at| from + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(input: &[u8], piece: usize, kept: usize) -> Option<Vec<String>> {
        let mut window = Window::new(input, piece);
        let mut pieces = Vec::new();
        loop {
            match window.look().unwrap() {
                Seen::Last(text) => {
                    pieces.push(text.to_owned());
                    return Some(pieces);
                }
                Seen::Piece(text) => {
                    let end = end_in(text, kept);
                    assert!(end > 0);
                    pieces.push(text[..end].to_owned());
                    window.done(end);
                }
                Seen::NoText => return None,
            }
        }
    }

    #[test]
    fn pieces_are_lines_and_make_the_whole() {
        assert_eq!(pieces(b"", 8, 2).unwrap(), [""]);
        assert_eq!(pieces(b"ab\ncd\nef\n", 7, 1).unwrap(), ["ab\ncd\n", "ef\n"]);
        assert_eq!(pieces(b"0123456789", 4, 1).unwrap(), ["012", "345", "678", "9"]);
        assert_eq!(pieces(b"\"a\":1,\"b\":2", 9, 1).unwrap()[0], "\"a\":1,");
        for text in ["äöü€".repeat(50), "x\n".repeat(40), "€\n€€€€€€\n".repeat(9)] {
            for piece in 8..40 {
                assert_eq!(pieces(text.as_bytes(), piece, 3).unwrap().concat(), text);
            }
        }
    }

    #[test]
    fn what_is_no_text_is_noticed_wherever_it_begins() {
        for bytes in [&b"abc\0def"[..], b"abc\xff", b"0123456789\xe2\x82"] {
            assert_eq!(pieces(bytes, 6, 1), None);
        }
    }
}
