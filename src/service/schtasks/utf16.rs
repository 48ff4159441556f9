//! Text as `schtasks /XML` wants it: UTF-16, little-endian, with a mark in front. Pure.

const MARK: [u8; 2] = [0xff, 0xfe];

/// The bytes for a text.
pub(super) fn encode(text: &str) -> Vec<u8> {
    MARK.into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// The text of a file: UTF-16 when it begins with the mark, UTF-8 otherwise. What is neither is replaced.
pub(super) fn decode(bytes: &[u8]) -> String {
    match bytes.strip_prefix(&MARK) {
        Some(units) => {
            let units = units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["", "Gateway", "J\u{fc}rgen \u{65e5}\u{672c} \u{1f916}"] {
            let bytes = encode(text);
            assert!(bytes.starts_with(&MARK));
            assert_eq!(decode(&bytes), text);
        }
        assert_eq!(encode("\u{e9}"), [0xff, 0xfe, 0xe9, 0x00]);
        assert_eq!(decode("plain \u{e9}".as_bytes()), "plain \u{e9}");
        assert_eq!(decode(&[0xff, 0xfe, 0x00, 0xd8, 0x41]), "\u{fffd}");
    }
}
