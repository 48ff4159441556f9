//! Bytes from the terminal → keys. Pure.

/// Escape starts the sequences of arrow and function keys.
const ESCAPE: u8 = 0x1b;

/// The ASCII keys in a chunk of input. Whatever follows an escape in the same chunk belongs to a key that has
/// no meaning here, so the arrow key `ESC [ A` is not an `A`.
pub(super) fn keys(chunk: &[u8]) -> impl Iterator<Item = char> {
    chunk
        .iter()
        .take_while(|byte| **byte != ESCAPE)
        .filter(|byte| byte.is_ascii())
        .map(|byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunk: &[u8], expect: &str) {
        assert_eq!(keys(chunk).collect::<String>(), expect);
    }

    #[test]
    fn letters_pass_and_sequences_do_not() {
        check(b"", "");
        check(b"r", "r");
        check(b"rq\n", "rq\n");
        check(b"\x1b[A", "");
        check(b"c\x1b[A", "c");
        check("é?".as_bytes(), "?");
    }
}
