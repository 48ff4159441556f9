//! How a person writes: indentation, quotes, commas. Taken from the text, so that what is added looks the same.

use super::super::tree::{Content, Node};
use super::trivia::is_space;

/// The manner of a document, or of one of its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// Line break.
    pub(super) newline: &'static str,
    /// One step of indentation.
    pub(super) unit: String,
    /// Quote of texts.
    pub(super) quote: char,
    /// Quote of keys; `None` where they are written without.
    pub(super) key_quote: Option<char>,
    /// Between a key and its value.
    pub(super) colon: String,
    /// Between two values on one line.
    pub(super) comma: &'static str,
    /// Inside the braces of an object on one line.
    pub(super) padding: &'static str,
    /// Whether the last of several lines has a comma.
    pub(super) trailing_comma: bool,
}

/// For a document without anything to go by: JSON, which every program reads.
impl Default for Style {
    fn default() -> Self {
        Self {
            newline: "\n",
            unit: "  ".to_owned(),
            quote: '"',
            key_quote: Some('"'),
            colon: ": ".to_owned(),
            comma: ", ",
            padding: " ",
            trailing_comma: false,
        }
    }
}

/// What a walk counts.
#[derive(Default)]
struct Habits {
    unit: Option<String>,
    single: usize,
    double: usize,
    bare_keys: usize,
    quoted_keys: usize,
    trailing: usize,
    not_trailing: usize,
}

impl Style {
    /// The prevailing manner of a document.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let mut habits = Habits::default();
        habits.count(text, root);
        let usual = Self::default();
        let quote = if habits.single > habits.double { '\'' } else { '"' };
        Self {
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            unit: habits.unit.unwrap_or_else(|| usual.unit.clone()),
            quote,
            key_quote: (habits.bare_keys <= habits.quoted_keys).then_some(quote),
            trailing_comma: habits.trailing > habits.not_trailing,
            ..usual
        }
    }

    /// The manner in one container: what its last member shows, and otherwise what prevails.
    pub(super) fn within(&self, text: &str, container: &Node) -> Self {
        let mut style = self.clone();
        let first = text[container.span.start + 1..container.span.end].chars().next();
        let texts = |node: &Node| match node.content {
            Content::Text(_) => text[node.span.start..].chars().next(),
            _ => None,
        };
        match &container.content {
            Content::Object(members) => {
                let Some(last) = members.list.last() else { return style };
                style.quote =
                    members.list.iter().rev().find_map(|member| texts(&member.value)).unwrap_or(self.quote);
                style.key_quote = quote_at(text, last.key_span.start);
                let colon = &text[last.key_span.end..last.value.span.start];
                if colon.chars().all(|c| matches!(c, ':' | ' ' | '\t')) {
                    colon.clone_into(&mut style.colon);
                }
                style.padding = if first.is_some_and(is_space) { " " } else { "" };
            }
            Content::List(items) => {
                style.quote = items.iter().rev().find_map(texts).unwrap_or(self.quote);
                let tight = |pair: &[Node]| &text[pair[0].span.end..pair[1].span.start] == ",";
                if items.len() > 1 && items.windows(2).all(tight) {
                    style.comma = ",";
                }
            }
            _ => {}
        }
        style
    }
}

impl Habits {
    fn count(&mut self, text: &str, node: &Node) {
        let values: Vec<(usize, &Node)> = match &node.content {
            Content::Text(_) => {
                match text[node.span.start..].chars().next() {
                    Some('\'') => self.single += 1,
                    _ => self.double += 1,
                }
                return;
            }
            Content::Object(members) => {
                for member in &members.list {
                    match quote_at(text, member.key_span.start) {
                        None => self.bare_keys += 1,
                        Some(_) => self.quoted_keys += 1,
                    }
                }
                members.list.iter().map(|member| (member.key_span.start, &member.value)).collect()
            }
            Content::List(items) => items.iter().map(|item| (item.span.start, item)).collect(),
            _ => return,
        };
        if let Some((start, last)) = values.last()
            && let Some(indent) = indent_at(text, *start)
        {
            let base = line_indent(text, node.span.start);
            if let Some(step) = indent.strip_prefix(base).filter(|step| !step.is_empty()) {
                self.unit.get_or_insert_with(|| step.to_owned());
            }
            match super::trivia::comma(text, last.span.end..node.span.end) {
                Some(_) => self.trailing += 1,
                None => self.not_trailing += 1,
            }
        }
        for (_, value) in values {
            self.count(text, value);
        }
    }
}

fn quote_at(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next().filter(|c| matches!(c, '"' | '\''))
}

/// The indentation of what stands at `at`, when nothing but white space stands before it on its line.
pub(super) fn indent_at(text: &str, at: usize) -> Option<&str> {
    let before = &text[line_start(text, at)..at];
    before.chars().all(is_space).then_some(before)
}

/// The white space at the start of the line that `at` is on.
pub(super) fn line_indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches(is_space).len()]
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}
