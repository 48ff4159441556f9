//! Bytes from the terminal → keys. Pure.

/// Starts what a key without a character sends, for example `ESC [ A` for an arrow.
const ESCAPE: u8 = 0x1b;

/// The ASCII keys in a chunk of input. Arrow and function keys, and letters typed with Alt, mean nothing here.
pub(super) fn keys(chunk: &[u8]) -> Vec<char> {
    let mut keys = Vec::new();
    let mut bytes = chunk.iter();
    while let Some(byte) = bytes.next() {
        match *byte {
            ESCAPE => match bytes.next() {
                // Parameters, and then one byte of this range.
                Some(b'[') => drop(bytes.find(|byte| (0x40..=0x7e).contains(*byte))),
                Some(b'O') => drop(bytes.next()),
                _ => {}
            },
            byte if byte.is_ascii() => keys.push(char::from(byte)),
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(chunk: &[u8], expect: &str) {
        assert_eq!(keys(chunk).into_iter().collect::<String>(), expect);
    }

    #[test]
    fn letters_pass_and_sequences_do_not() {
        check(b"", "");
        check(b"r", "r");
        check(b"rq\n", "rq\n");
        check(b"\x1b", "");
        check(b"\x1b[A", "");
        check(b"c\x1b[1;5Cr", "cr");
        check(b"\x1bOPq", "q");
        check(b"\x1bq?", "?");
        check("é?".as_bytes(), "?");
    }
}
