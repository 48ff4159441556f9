//! A text that says a given value, made from one that says another by changing as little as possible.
//!
//! Members keep their order, lists keep their common beginning and end, and what is equal is not touched. What goes
//! takes the comments inside it along, and no others.

use serde_json::{Map, Value};

use super::super::load::tree;
use super::super::tree::{Content, Members, Node};
use super::container::{Addition, Container, Fate};
use super::patch::Patch;
use super::render;
use super::style::{Style, indent_at, line_indent};
use super::trivia::{Piece, count_comments, pieces};

/// Why a text cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// It is no JSON5, or holds a key twice.
    #[error("the file cannot be read as it is")]
    Unreadable,
    /// The result would not say what it should. It has been checked, and nothing comes of it.
    #[error("the change cannot be made in the text of the file; make it with an editor")]
    Entangled,
}

/// The rewritten text. A text without any value becomes a fresh document.
pub(in crate::config) fn rewrite(text: &str, target: &Value) -> Result<String, RewriteError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = &text[..text.len() - body.len()];
    if is_blank(body) {
        return Ok(format!("{mark}{}", fresh(body, target)));
    }
    let root = tree(body).ok_or(RewriteError::Unreadable)?;
    let mut rewriter = Rewriter { text: body, style: Style::of(body, &root), patch: Patch::default() };
    rewriter.value(&root, target, true);
    let rewritten = rewriter.patch.apply(body).ok_or(RewriteError::Entangled)?;
    match tree(&rewritten) {
        Some(found) if same(&found.to_value(), target) => Ok(format!("{mark}{rewritten}")),
        _ => Err(RewriteError::Entangled),
    }
}

/// Whether a text says nothing: white space and comments only.
pub(in crate::config) fn is_blank(text: &str) -> bool {
    !pieces(text, 0..text.len()).iter().any(|piece| matches!(piece, Piece::Comma(_) | Piece::Other(_)))
}

fn fresh(comments: &str, target: &Value) -> String {
    let newline = if comments.contains("\r\n") { "\r\n" } else { "\n" };
    let style = Style { newline, ..Style::default() };
    let mut text = comments.trim_end().to_owned();
    if !text.is_empty() {
        text.push_str(newline);
    }
    text + &render::value(target, &style, Some("")) + newline
}

struct Rewriter<'t> {
    text: &'t str,
    style: Style,
    patch: Patch,
}

impl Rewriter<'_> {
    /// `spread`: whether what is at this place may take several lines.
    fn value(&mut self, node: &Node, target: &Value, spread: bool) {
        if same(&node.to_value(), target) {
            return;
        }
        match (&node.content, target) {
            (Content::Object(members), Value::Object(target)) => self.object(node, members, target, spread),
            (Content::List(items), Value::Array(target)) => self.list(node, items, target, spread),
            _ => {
                let range = node.span.start..node.span.end;
                let quote = self.text[range.clone()].chars().next().filter(|c| matches!(c, '"' | '\''));
                let style = Style { quote: quote.unwrap_or(self.style.quote), ..self.style.clone() };
                let indent = spread.then(|| line_indent(self.text, range.start));
                self.patch.replace(range, render::value(target, &style, indent));
            }
        }
    }

    fn object(&mut self, node: &Node, members: &Members, target: &Map<String, Value>, spread: bool) {
        let ranges = members.list.iter().map(|member| member.key_span.start..member.value.span.end).collect();
        let container = Container::new(self.text, node.span.start..node.span.end, ranges);
        let style = self.style.within(self.text, node);
        let mut fates: Vec<Fate> = members
            .list
            .iter()
            .map(|member| if target.contains_key(&member.key) { Fate::Keep } else { Fate::Remove })
            .collect();
        let mut added: Vec<_> = target.iter().filter(|(key, _)| members.get(key).is_none()).collect();
        for member in &members.list {
            if let Some(target) = target.get(&member.key) {
                let spread = indent_at(self.text, member.key_span.start).is_some();
                self.value(&member.value, target, spread);
            }
        }
        let after = match fates.iter().rposition(|fate| *fate == Fate::Keep) {
            // Nothing stays: the first new one takes the place of the first old one.
            None if !members.list.is_empty() && !added.is_empty() => {
                let (key, value) = added.remove(0);
                let indent = container.indent_after(Some(0), &style, spread);
                fates[0] = Fate::Replace(render::member(key, value, &style, indent.as_deref()));
                Some(0)
            }
            last => last,
        };
        let indent = container.indent_after(after, &style, spread);
        let entries =
            added.into_iter().map(|(key, value)| render::member(key, value, &style, indent.as_deref()));
        let addition = Addition { after, entries: entries.collect() };
        container.change(&fates, &addition, indent.as_deref(), &style, &mut self.patch);
    }

    fn list(&mut self, node: &Node, items: &[Node], target: &[Value], spread: bool) {
        let ranges = items.iter().map(|item| item.span.start..item.span.end).collect();
        let container = Container::new(self.text, node.span.start..node.span.end, ranges);
        let style = self.style.within(self.text, node);
        let old: Vec<Value> = items.iter().map(Node::to_value).collect();
        let start = old.iter().zip(target).take_while(|(old, new)| same(old, new)).count();
        let start = self.least_commented(items, &old, target, start);
        let left = old[start..].iter().rev().zip(target[start..].iter().rev());
        let end = left.take_while(|(old, new)| same(old, new)).count();
        let (old_end, new_end) = (old.len() - end, target.len() - end);
        let pairs = (old_end - start).min(new_end - start);
        let mut fates = vec![Fate::Keep; items.len()];
        for index in start..start + pairs {
            let spread = indent_at(self.text, items[index].span.start).is_some();
            self.value(&items[index], &target[index], spread);
        }
        fates[start + pairs..old_end].fill(Fate::Remove);
        let added = &target[start + pairs..new_end];
        let after = (start + pairs).checked_sub(1);
        let spread = spread && render::is_large(added, &style);
        let indent = container.indent_after(after, &style, spread);
        let entries = added.iter().map(|item| render::value(item, &style, indent.as_deref()));
        let addition = Addition { after, entries: entries.collect() };
        container.change(&fates, &addition, indent.as_deref(), &style, &mut self.patch);
    }
}

impl Rewriter<'_> {
    /// How much of the beginning stays when a list only gets shorter. Of several equal items that may go, it is the
    /// one with the fewest comments.
    fn least_commented(&self, items: &[Node], old: &[Value], target: &[Value], longest: usize) -> usize {
        let Some(gone) = old.len().checked_sub(target.len()).filter(|gone| *gone > 0) else { return longest };
        let fits =
            |start: usize| old[start + gone..].iter().zip(&target[start..]).all(|(old, new)| same(old, new));
        let comments = |start: usize| {
            let (from, to) = (items[start].span.start, items[start + gone - 1].span.end);
            count_comments(&self.text[from..to])
        };
        (0..=longest.min(target.len()))
            .rev()
            .filter(|start| fits(*start))
            .min_by_key(|start| comments(*start))
            .unwrap_or(longest)
    }
}

/// Equality of values as readers see it: `1` and `1.0` are one number, and the order of keys means nothing.
pub(in crate::config) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        (one, other) => one == other,
    }
}
