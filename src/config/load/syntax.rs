//! What a broken text is told: the published program's words for the place, and the cause in ours.

use std::ops::Range;

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::{ParseError, ParseErrorKind};

use super::super::tree::Span;
use super::lexical::{DEPTH_LIMIT, LexicalFault};
use super::source::line_and_column;

/// Why a text is no document.
#[derive(Debug)]
pub(super) struct SyntaxFault {
    /// The complete message.
    pub(super) message: String,
    /// The cause, and with it the fix.
    pub(super) cause: Option<String>,
    /// The offending text.
    pub(super) span: Span,
}

impl SyntaxFault {
    /// The text ends too early.
    pub(super) fn end_of_input(text: &str, file: usize, cause: Option<String>) -> Self {
        let (line, column) = line_and_column(text, text.len());
        // Shown at the last line that says anything.
        let end = text.trim_end().len();
        Self {
            message: format!(
                "JSON5 parse failed: SyntaxError: JSON5: invalid end of input at {line}:{column}"
            ),
            cause,
            span: Span { file, start: end, end },
        }
    }

    /// A character that cannot stand at `at`.
    pub(super) fn character(text: &str, span: Span, at: usize, c: char) -> Self {
        let (line, column) = line_and_column(text, at);
        let shown: String = if c.is_control() || matches!(c, '\'' | '"' | '\\' | '\u{2028}' | '\u{2029}') {
            c.escape_default().collect()
        } else {
            c.into()
        };
        Self {
            message: format!(
                "JSON5 parse failed: SyntaxError: JSON5: invalid character '{shown}' at {line}:{column}"
            ),
            cause: None,
            span,
        }
    }

    /// The problem at `range`, or at the end when nothing but white space follows.
    fn at(text: &str, file: usize, range: Range<usize>, cause: Option<String>) -> Self {
        let start = text.floor_char_boundary(range.start);
        if text[start..].trim().is_empty() {
            return Self::end_of_input(text, file, cause);
        }
        let c = text[start..].chars().next().unwrap_or(' ');
        let end = text.ceil_char_boundary(range.end).max(start + c.len_utf8());
        Self { cause, ..Self::character(text, Span { file, start, end }, start, c) }
    }
}

/// Explains what the tolerant pass found.
pub(super) fn explain_lexical(text: &str, file: usize, fault: LexicalFault) -> SyntaxFault {
    match fault {
        LexicalFault::OpenString(range) => {
            let quote = if text[range.clone()].starts_with('"') { "\"" } else { "'" };
            let cause = Some(format!("close the text with {quote} on the same line"));
            let span = Span { file, start: range.start, end: range.end };
            let fault = match text[range.end..].chars().next() {
                Some(c) => SyntaxFault::character(text, span, range.end, c),
                None => SyntaxFault::end_of_input(text, file, None),
            };
            SyntaxFault { cause, span, ..fault }
        }
        LexicalFault::TooDeep(at) => SyntaxFault {
            message: format!("Nested too deeply: more than {DEPTH_LIMIT} levels"),
            cause: None,
            span: Span { file, start: at, end: at + 1 },
        },
    }
}

/// Explains what the parser found.
pub(super) fn explain(text: &str, file: usize, error: &ParseError) -> SyntaxFault {
    let found = error.range();
    let range = found.start..found.end;
    match error.kind() {
        ParseErrorKind::ExpectedComma => {
            let next = next_token(text, found.start);
            SyntaxFault::at(text, file, next, Some("a comma is missing before this".to_owned()))
        }
        ParseErrorKind::UnterminatedObject => unclosed(text, file, '{', found.start),
        ParseErrorKind::UnterminatedArray => unclosed(text, file, '[', found.start),
        ParseErrorKind::UnterminatedCommentBlock => SyntaxFault::end_of_input(
            text,
            file,
            Some(format!("{} is never closed", opened(text, "/*", found.start))),
        ),
        kind => {
            let cause = match kind {
                ParseErrorKind::String(kind) => Some(escape_cause(kind)),
                ParseErrorKind::ExpectedColonAfterObjectKey => {
                    Some("a colon is missing between the key and its value".to_owned())
                }
                ParseErrorKind::ExpectedObjectValue => Some("the value is missing".to_owned()),
                ParseErrorKind::UnexpectedComma => {
                    Some("there is a comma too many, or a value is missing".to_owned())
                }
                ParseErrorKind::UnexpectedCloseBrace => {
                    Some("a value or a closing ] is missing before this".to_owned())
                }
                ParseErrorKind::UnexpectedCloseBracket => {
                    Some("a value or a closing } is missing before this".to_owned())
                }
                ParseErrorKind::MultipleRootJsonValues => {
                    Some("the document ends before this; is there a closing bracket too many?".to_owned())
                }
                ParseErrorKind::ExpectedDigit
                | ParseErrorKind::ExpectedDigitFollowingNegativeSign
                | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral => {
                    Some("this is no complete number".to_owned())
                }
                ParseErrorKind::UnexpectedWord | ParseErrorKind::UnexpectedToken => {
                    word_cause(text, found.start)
                }
                _ => None,
            };
            SyntaxFault::at(text, file, range, cause)
        }
    }
}

fn unclosed(text: &str, file: usize, bracket: char, at: usize) -> SyntaxFault {
    let cause = format!("{} is never closed", opened(text, &bracket.to_string(), at));
    SyntaxFault::end_of_input(text, file, Some(cause))
}

fn opened(text: &str, what: &str, at: usize) -> String {
    let (line, column) = line_and_column(text, at);
    format!("the {what} on line {line}, column {column}")
}

fn escape_cause(kind: &ParseStringErrorKind) -> String {
    match kind {
        ParseStringErrorKind::ExpectedFourHexDigits => "\\u needs four hexadecimal digits",
        ParseStringErrorKind::ExpectedTwoHexDigits => "\\x needs two hexadecimal digits",
        ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => "this is half of a surrogate pair",
        ParseStringErrorKind::UnterminatedStringLiteral => "the text is never closed",
        ParseStringErrorKind::InvalidEscape
        | ParseStringErrorKind::InvalidEscapeInSingleQuoteString
        | ParseStringErrorKind::InvalidEscapeInDoubleQuoteString => "a backslash itself is written \\\\",
    }
    .to_owned()
}

/// A word where a value must stand is a text without quotes, or a keyword in another spelling.
fn word_cause(text: &str, at: usize) -> Option<String> {
    let range = next_token(text, at);
    let word = &text[range];
    if !word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    Some(match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => "write true".to_owned(),
        "false" | "no" | "off" => "write false".to_owned(),
        "null" | "none" | "nil" | "undefined" => "write null, or leave the key out".to_owned(),
        _ => "write texts in quotes".to_owned(),
    })
}

/// The extent of the next token, past white space and comments.
fn next_token(text: &str, from: usize) -> Range<usize> {
    let mut start = text.floor_char_boundary(from);
    loop {
        start += text[start..].len() - text[start..].trim_start().len();
        let rest = &text[start..];
        if rest.starts_with("//") {
            start += rest.find(['\n', '\r']).unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            start += rest.find("*/").map_or(rest.len(), |length| length + 2);
        } else {
            break;
        }
    }
    let rest = &text[start..];
    let first = rest.chars().next();
    let length = if let Some(quote @ ('"' | '\'')) = first {
        rest[1..].find(quote).map_or(rest.len(), |length| length + 2)
    } else {
        rest.find(|c: char| !(c.is_alphanumeric() || "_$.+-".contains(c))).unwrap_or(rest.len())
    };
    start..start + length.max(first.map_or(0, char::len_utf8))
}
