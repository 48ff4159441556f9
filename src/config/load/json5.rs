//! Text → tree: JSON5 as its specification has it, on top of a parser that accepts a little more.
//!
//! What the parser lets through and JSON5 does not is refused here: missing commas, line breaks in strings, bare
//! keys that are no identifiers. Not supported: unicode escapes in bare keys.

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Number, Value};
use std::collections::HashMap;

use super::super::dotted::Dotted;
use super::super::problem::Problem;
use super::super::tree::{Content, Member, Members, Node, NonFinite, Span};
use super::lexical::find_fault;
use super::source::line_and_column;
use super::syntax::{SyntaxFault, explain, explain_lexical};

/// Objects with fewer members are searched for duplicates one by one.
const FEW: usize = 12;

/// The largest integer that every JSON5 reader holds exactly.
const SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A document and what has to be done with it.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    pub(super) root: Node,
    /// Whether it includes other files.
    pub(super) has_include: bool,
    /// Whether a text may refer to a variable.
    pub(super) has_reference: bool,
}

/// The tree of a text without byte order mark, when nothing at all is wrong with it.
pub(in crate::config) fn tree(text: &str) -> Option<Node> {
    let mut problems = Vec::new();
    let parsed = parse(text, 0, &Dotted::default(), &mut problems).ok()?;
    problems.is_empty().then_some(parsed.root)
}

/// A value by itself, as it is typed on a command line; the error is the published program's text.
pub(in crate::config) fn value(text: &str) -> Result<Value, String> {
    let mut problems = Vec::new();
    let fault = match parse(text, 0, &Dotted::default(), &mut problems) {
        Err(fault) => fault.message,
        Ok(parsed) => match problems.pop() {
            Some(problem) => problem.message,
            None if holds_non_finite(&parsed.root) => "Infinity and NaN have no form in JSON".to_owned(),
            None => return Ok(parsed.root.into_value()),
        },
    };
    Err(fault.trim_start_matches("JSON5 parse failed: ").to_owned())
}

fn holds_non_finite(node: &Node) -> bool {
    match &node.content {
        Content::NonFinite(_) => true,
        Content::List(items) => items.iter().any(holds_non_finite),
        Content::Object(members) => members.list.iter().any(|member| holds_non_finite(&member.value)),
        _ => false,
    }
}

/// The key that includes other files.
pub(super) const INCLUDE: &str = "$include";

/// Parses a text without byte order mark. `base` is the dotted path that the document stands at. Problems that do not
/// prevent a reading (duplicate keys, keys that need quotes) are added to `problems`.
pub(super) fn parse(
    text: &str,
    file: usize,
    base: &Dotted,
    problems: &mut Vec<Problem>,
) -> Result<Parsed, SyntaxFault> {
    if let Some(fault) = find_fault(text) {
        return Err(explain_lexical(text, file, fault));
    }
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let result = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| explain(text, file, &error))?;
    let Some(value) = result.value else {
        return Err(SyntaxFault::end_of_input(
            text,
            file,
            Some(if text.trim().is_empty() {
                "the file is empty; an empty configuration is written {}".to_owned()
            } else {
                "there are only comments; an empty configuration is written {}".to_owned()
            }),
        ));
    };
    let mut builder =
        Builder { text, file, path: base.clone(), problems, has_include: false, has_reference: false };
    let root = builder.node(value);
    Ok(Parsed { root, has_include: builder.has_include, has_reference: builder.has_reference })
}

struct Builder<'p> {
    text: &'p str,
    file: usize,
    path: Dotted,
    problems: &'p mut Vec<Problem>,
    has_include: bool,
    has_reference: bool,
}

impl Builder<'_> {
    fn span(&self, value: &impl Ranged) -> Span {
        let range = value.range();
        Span { file: self.file, start: range.start, end: range.end }
    }

    fn node(&mut self, value: ast::Value<'_>) -> Node {
        let span = self.span(&value);
        let content = match value {
            ast::Value::NullKeyword(_) => Content::Null,
            ast::Value::BooleanLit(literal) => Content::Flag(literal.value),
            ast::Value::NumberLit(literal) => number(literal.value),
            ast::Value::StringLit(literal) => {
                self.has_reference |= literal.value.contains("${");
                Content::Text(literal.value.into_owned())
            }
            ast::Value::Array(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for (index, item) in array.elements.into_iter().enumerate() {
                    let mark = self.path.enter_index(index);
                    items.push(self.node(item));
                    self.path.leave(mark);
                }
                Content::List(items)
            }
            ast::Value::Object(object) => Content::Object(self.members(object)),
        };
        Node { span, content }
    }

    fn members(&mut self, object: ast::Object<'_>) -> Members {
        let mut list: Vec<Member> = Vec::with_capacity(object.properties.len());
        // Filled only once the object has many members.
        let mut index: HashMap<String, usize> = HashMap::new();
        for property in object.properties {
            let (key, key_span) = match property.name {
                ObjectPropName::String(literal) => {
                    let span = self.span(&literal);
                    (literal.value.into_owned(), span)
                }
                ObjectPropName::Word(word) => {
                    let span = self.span(&word);
                    self.check_bare_key(word.value, span);
                    (word.value.to_owned(), span)
                }
            };
            self.has_include |= key == INCLUDE;
            let mark = self.path.enter_key(&key);
            let value = self.node(property.value);
            self.path.leave(mark);

            if list.len() == FEW {
                index.extend(list.iter().enumerate().map(|(at, member)| (member.key.clone(), at)));
            }
            let earlier = if list.len() < FEW {
                list.iter().position(|member| member.key == key)
            } else {
                index.get(&key).copied()
            };
            let member = Member { key, key_span, value };
            if let Some(slot) = earlier.and_then(|at| list.get_mut(at)) {
                self.report_duplicate(&member, slot.key_span);
                *slot = member;
            } else {
                if list.len() >= FEW {
                    index.insert(member.key.clone(), list.len());
                }
                list.push(member);
            }
        }
        Members { list, partial: false }
    }

    fn report_duplicate(&mut self, member: &Member, earlier: Span) {
        let (line, _) = line_and_column(self.text, earlier.start);
        self.problems.push(Problem {
            path: self.path.to_string(),
            message: format!("Duplicate key: \"{}\"", member.key),
            suggestion: Some(format!("it is set on line {line} already; keep one of the two")),
            span: Some(member.key_span),
        });
    }

    fn check_bare_key(&mut self, key: &str, span: Span) {
        let allowed = |at: usize, c: char| {
            c == '$' || c == '_' || c.is_alphabetic() || (at > 0 && (c.is_numeric() || c == '\u{200c}'))
        };
        if let Some((at, c)) = key.char_indices().find(|&(at, c)| !allowed(at, c)) {
            let fault = SyntaxFault::character(self.text, span, span.start + at, c);
            self.problems.push(Problem {
                path: self.path.to_string(),
                message: fault.message,
                suggestion: Some(format!("write the key in quotes: \"{key}\"")),
                span: Some(span),
            });
        }
    }
}

/// The value of a number as written; integers stay integers, whichever way they are written.
fn number(text: &str) -> Content {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let magnitude = match (digits, hexadecimal) {
        ("Infinity", _) => f64::INFINITY,
        ("NaN", _) => return Content::NonFinite(NonFinite::NaN),
        (_, Some(hexadecimal)) => match i64::from_str_radix(hexadecimal, 16) {
            Ok(integer) => return Content::Number(if negative { -integer } else { integer }.into()),
            Err(_) => hexadecimal
                .chars()
                .filter_map(|c| c.to_digit(16))
                .fold(0.0, |sum, d| sum * 16.0 + f64::from(d)),
        },
        (decimal, None) => match decimal.parse::<i64>() {
            Ok(integer) => return Content::Number(if negative { -integer } else { integer }.into()),
            Err(_) => decimal.parse().unwrap_or(f64::NAN),
        },
    };
    let value = if negative { -magnitude } else { magnitude };
    if value.fract() == 0.0 && value.abs() <= SAFE_INTEGER {
        #[expect(clippy::cast_possible_truncation, reason = "an integer within the range just checked")]
        let integer = value as i64;
        return Content::Number(integer.into());
    }
    Number::from_f64(value).map_or(
        Content::NonFinite(match value {
            value if value.is_nan() => NonFinite::NaN,
            value if value < 0.0 => NonFinite::NegativeInfinity,
            _ => NonFinite::Infinity,
        }),
        Content::Number,
    )
}

#[cfg(test)]
mod tests;
