//! A tolerant pass over the text of a document, which works on broken text too.
//!
//! The parser accepts line breaks in strings and recurses per level, and it says nothing about text that it
//! refuses. This pass finds strings that are not closed on their line, limits the depth, and knows which values
//! are secret.

use std::ops::Range;

use super::super::secret::is_secret_key;

/// How deep arrays and objects may be nested. A snapshot crosses a pipe as JSON, whose reader stops at 128 levels,
/// envelope included.
pub(super) const DEPTH_LIMIT: usize = 64;

/// What makes a text unfit for the parser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LexicalFault {
    /// A string that is not closed on its line: from its quote to the end of the line.
    OpenString(Range<usize>),
    /// The bracket that is one level too deep.
    TooDeep(usize),
}

/// The first fault of a text, if any.
pub(super) fn find_fault(text: &str) -> Option<LexicalFault> {
    let mut depth = 0_usize;
    for token in Tokens::new(text) {
        match token {
            Token::Text { range, closed: false } => return Some(LexicalFault::OpenString(range)),
            Token::Open(at) => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    return Some(LexicalFault::TooDeep(at));
                }
            }
            Token::Close => depth = depth.saturating_sub(1),
            Token::Text { .. } | Token::Word(_) | Token::Comma => {}
        }
    }
    None
}

/// The stretches that hold secret values, in order, without their quotes.
pub(super) fn secret_values(text: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut depth = 0_usize;
    // The last token was the name of a secret, so that the next one is its value.
    let mut expected = false;
    // Everything within this depth is secret: the value of a secret key is an object or an array.
    let mut secret_depth = None;
    for token in Tokens::new(text) {
        let content = match token {
            Token::Open(_) => {
                depth += 1;
                if expected {
                    secret_depth = secret_depth.or(Some(depth));
                }
                expected = false;
                continue;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                secret_depth = secret_depth.filter(|&limit| depth >= limit);
                expected = false;
                continue;
            }
            Token::Comma => {
                expected = false;
                continue;
            }
            Token::Text { range, closed } => range.start + 1..range.end - usize::from(closed),
            Token::Word(range) => range,
        };
        let value = &text[content.clone()];
        if (expected || secret_depth.is_some()) && !is_harmless(value) {
            secrets.push(content);
        }
        expected = is_secret_key(value);
    }
    secrets
}

/// Values that say nothing even under the name of a secret: references to variables and wrong types.
fn is_harmless(value: &str) -> bool {
    matches!(value, "" | "true" | "false" | "null")
        || (value.starts_with("${") && value.ends_with('}') && value.matches('}').count() == 1)
}

#[derive(Debug)]
enum Token {
    /// A string with its quotes.
    Text {
        range: Range<usize>,
        closed: bool,
    },
    /// Any run of other characters: a number, a name, a keyword.
    Word(Range<usize>),
    Open(usize),
    Close,
    Comma,
}

struct Tokens<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0 }
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip_line(&mut self) {
        let length = self.rest().iter().position(|&b| matches!(b, b'\n' | b'\r'));
        self.at = length.map_or(self.bytes.len(), |length| self.at + length);
    }

    fn skip_block(&mut self) {
        let length = self.rest().windows(2).position(|pair| pair == b"*/");
        self.at = length.map_or(self.bytes.len(), |length| self.at + length + 2);
    }

    fn text(&mut self, quote: u8) -> Token {
        let start = self.at;
        self.at += 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => {
                    let line_break = self.rest().starts_with(b"\\\r\n");
                    self.at += if line_break { 3 } else { 2 };
                }
                b'\n' | b'\r' => return Token::Text { range: start..self.at, closed: false },
                _ => {
                    self.at += 1;
                    if byte == quote {
                        return Token::Text { range: start..self.at, closed: true };
                    }
                }
            }
        }
        self.at = self.bytes.len();
        Token::Text { range: start..self.at, closed: false }
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let ends = |b: &u8| {
            b.is_ascii_whitespace()
                || matches!(b, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"' | b'\'' | b'/' | b'=')
        };
        let length = self.rest().iter().skip(1).position(ends);
        self.at = length.map_or(self.bytes.len(), |length| self.at + 1 + length);
        Token::Word(start..self.at)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let &byte = self.bytes.get(self.at)?;
            match byte {
                b'/' if self.rest().starts_with(b"//") => self.skip_line(),
                b'/' if self.rest().starts_with(b"/*") => {
                    self.at += 2;
                    self.skip_block();
                }
                b'"' | b'\'' => return Some(self.text(byte)),
                b'{' | b'[' => {
                    self.at += 1;
                    return Some(Token::Open(self.at - 1));
                }
                b'}' | b']' => {
                    self.at += 1;
                    return Some(Token::Close);
                }
                b',' => {
                    self.at += 1;
                    return Some(Token::Comma);
                }
                b':' | b'=' => self.at += 1,
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => return Some(self.word()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fault(text: &str, expect: Option<&LexicalFault>) {
        assert_eq!(find_fault(text).as_ref(), expect, "{text}");
    }

    #[track_caller]
    fn check_secrets(text: &str, expect: &[&str]) {
        let found: Vec<_> = secret_values(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn strings_end_on_their_line() {
        check_fault("{a: 'x', b: \"y\"}", None);
        check_fault("{a: 'x\n}", Some(&LexicalFault::OpenString(4..6)));
        check_fault("{a: 'x\\\n y', b: 'z\\\r\n'}", None);
        check_fault("{a: 'x\\'}", Some(&LexicalFault::OpenString(4..9)));
        check_fault("// don't\n/* don't */ {a: \"it's\"}", None);
        check_fault("'\\", Some(&LexicalFault::OpenString(0..2)));
        check_fault("{a: 'ä\u{2028}ö'}", None);
    }

    #[test]
    fn the_depth_is_limited() {
        check_fault(&format!("{}{}", "[".repeat(64), "]".repeat(64)), None);
        check_fault(&"[".repeat(65), Some(&LexicalFault::TooDeep(64)));
        check_fault(&"[]".repeat(200), None);
    }

    #[test]
    fn secrets_are_found_in_broken_text_too() {
        check_secrets("{token: 'abc', mode: 'token', port: 5}", &["abc"]);
        check_secrets("{token: 'abc", &["abc"]);
        check_secrets("{\"password\" 12345 mode: 'x'}", &["12345"]);
        check_secrets("{token: abc\nport: 5}", &["abc"]);
        check_secrets("{mode: 'token'\n password: 'x'}", &["password", "x"]);
        check_secrets("{secret: ['a', {b: 'c'}], d: 'e'}", &["a", "b", "c"]);
        check_secrets("{token: '${TOKEN}', password: true}", &[]);
        check_secrets("{token: '${TOKEN}x${B}'}", &["${TOKEN}x${B}"]);
        check_secrets("{env: {OPENAI_API_KEY: 'sk'}}", &["sk"]);
    }
}
