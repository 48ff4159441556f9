//! Chunks of bytes → lines of bounded length. Pure.

/// Splits a stream into lines. What exceeds the limit is dropped up to the end of its line, so memory stays
/// bounded whatever the writer does.
#[derive(Debug)]
pub(super) struct Lines {
    limit: usize,
    partial: Vec<u8>,
    cut: bool,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether it was longer.
    pub(super) cut: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, partial: Vec::new(), cut: false }
    }

    /// Takes a chunk; returns the lines that it completes.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Vec<Line> {
        let mut complete = Vec::new();
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.extend(&rest[..end]);
            complete.push(self.take());
            rest = &rest[end + 1..];
        }
        self.extend(rest);
        complete
    }

    /// What is left when the stream ends without the end of a line.
    pub(super) fn finish(&mut self) -> Option<Line> {
        (!self.partial.is_empty()).then(|| self.take())
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = self.limit - self.partial.len();
        self.cut |= bytes.len() > room;
        self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn take(&mut self) -> Line {
        let mut bytes = std::mem::take(&mut self.partial);
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Line { bytes, cut: std::mem::take(&mut self.cut) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunks: &[&str], expect: &[(&str, bool)]) {
        let mut lines = Lines::new(4);
        let mut found: Vec<Line> = chunks.iter().flat_map(|chunk| lines.push(chunk.as_bytes())).collect();
        found.extend(lines.finish());
        let expect: Vec<_> =
            expect.iter().map(|(text, cut)| Line { bytes: (*text).into(), cut: *cut }).collect();
        assert_eq!(found, expect, "{chunks:?}");
    }

    #[test]
    fn lines_are_whole_and_bounded() {
        check(&[], &[]);
        check(&["a\nb\n"], &[("a", false), ("b", false)]);
        check(&["a", "b\n", "\n"], &[("ab", false), ("", false)]);
        check(&["a\r\nb"], &[("a", false), ("b", false)]);
        check(&["1234\n"], &[("1234", false)]);
        check(&["12345\nnext\n"], &[("1234", true), ("next", false)]);
        check(&["123", "45", "67\nok"], &[("1234", true), ("ok", false)]);
    }
}
