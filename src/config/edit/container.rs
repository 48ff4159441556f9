//! Members and items of one container: which stay, which go, where new ones come, and the commas between them.

use std::ops::Range;

use super::patch::Patch;
use super::style::{Style, indent_at, line_indent};
use super::trivia::{Piece, comma, comments_end, has_comment, is_space, pieces};

/// An object or array in a text.
#[derive(Debug)]
pub(super) struct Container<'t> {
    text: &'t str,
    /// After the opening bracket.
    inner_start: usize,
    /// Before the closing bracket.
    inner_end: usize,
    slots: Vec<Slot>,
}

/// A member with its key, or an item.
#[derive(Debug)]
struct Slot {
    range: Range<usize>,
    comma: Option<usize>,
}

/// What happens to a member or item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays, changed inside perhaps.
    Keep,
    /// Something else takes its place.
    Replace(String),
    /// It goes.
    Remove,
}

/// What is added, all at one place.
#[derive(Debug, Default)]
pub(super) struct Addition {
    /// The member or item before it, which stays; `None` at the start.
    pub(super) after: Option<usize>,
    /// Rendered for [`Container::indent_after`].
    pub(super) entries: Vec<String>,
}

impl<'t> Container<'t> {
    /// `span` includes the brackets; `ranges` are those of the members or items.
    pub(super) fn new(text: &'t str, span: Range<usize>, ranges: Vec<Range<usize>>) -> Self {
        let inner_end = span.end - 1;
        let ends: Vec<usize> = ranges.iter().skip(1).map(|range| range.start).chain([inner_end]).collect();
        let slots = ranges
            .into_iter()
            .zip(ends)
            .map(|(range, next)| Slot { comma: comma(text, range.end..next), range })
            .collect();
        Self { text, inner_start: span.start + 1, inner_end, slots }
    }

    /// The indentation of what is added after a member or item; `None` when it comes on the same line. In an empty
    /// container `spread` decides.
    pub(super) fn indent_after(&self, after: Option<usize>, style: &Style, spread: bool) -> Option<String> {
        if let Some(slot) = self.slots.get(after.unwrap_or(0)) {
            return indent_at(self.text, slot.range.start).map(str::to_owned);
        }
        let spread = spread || self.text[self.inner_start..self.inner_end].contains(['\n', '\r']);
        spread.then(|| format!("{}{}", self.base(), style.unit))
    }

    /// The indentation of the line that the container begins on.
    fn base(&self) -> &'t str {
        line_indent(self.text, self.inner_start - 1)
    }

    /// Adds to `patch` what has to change. There is a fate for each member or item; when none stays, nothing may be
    /// added (the first one is replaced instead).
    pub(super) fn change(
        &self,
        fates: &[Fate],
        addition: &Addition,
        indent: Option<&str>,
        style: &Style,
        patch: &mut Patch,
    ) {
        let adds = !addition.entries.is_empty();
        if self.slots.is_empty() {
            if adds {
                self.fill(&addition.entries, indent, style, patch);
            }
            return;
        }
        let last = fates.iter().rposition(|fate| *fate != Fate::Remove);
        if last.is_none() && !self.has_comments() {
            patch.remove(self.inner_start..self.inner_end);
            return;
        }
        let trailing = self.slots.last().is_some_and(|slot| slot.comma.is_some());
        let addition_is_last = adds && addition.after == last;
        for (index, (slot, fate)) in self.slots.iter().zip(fates).enumerate() {
            match fate {
                Fate::Remove => {
                    self.remove(index, patch);
                    continue;
                }
                Fate::Replace(text) => patch.replace(slot.range.clone(), text.clone()),
                Fate::Keep => {}
            }
            let is_last = last == Some(index) && !addition_is_last;
            match slot.comma {
                None if !is_last => patch.insert(slot.range.end, ",".to_owned()),
                Some(at) if is_last && !trailing => patch.remove(at..at + 1),
                _ => {}
            }
        }
        if adds {
            let closing = if addition_is_last && !trailing { "" } else { "," };
            self.add(addition, indent, closing, style, patch);
        }
    }

    fn add(
        &self,
        addition: &Addition,
        indent: Option<&str>,
        closing: &str,
        style: &Style,
        patch: &mut Patch,
    ) {
        let mut text = String::new();
        let Some((index, slot)) = addition.after.and_then(|index| Some((index, self.slots.get(index)?)))
        else {
            let Some(first) = self.slots.first() else { return };
            for entry in &addition.entries {
                let separator = indent.map(|indent| [",", style.newline, indent].concat());
                text.extend([entry, separator.as_deref().unwrap_or(style.comma)]);
            }
            patch.insert(first.range.start, text);
            return;
        };
        let next = self.slots.get(index + 1).map_or(self.inner_end, |next| next.range.start);
        let from = slot.comma.map_or(slot.range.end, |at| at + 1);
        for (number, entry) in addition.entries.iter().enumerate() {
            let separator = match indent {
                Some(indent) => [style.newline, indent].concat(),
                None => style.comma.trim_start_matches(',').to_owned(),
            };
            let comma = if number + 1 == addition.entries.len() { closing } else { "," };
            text.extend([separator.as_str(), entry, comma]);
        }
        patch.insert(comments_end(self.text, from..next, indent.is_some()), text);
    }

    /// Puts entries into an empty container, after the comments in it.
    fn fill(&self, entries: &[String], indent: Option<&str>, style: &Style, patch: &mut Patch) {
        let interior = self.inner_start..self.inner_end;
        let comments_end =
            pieces(self.text, interior.clone()).into_iter().rev().find_map(|piece| match piece {
                Piece::Line(range) | Piece::Block(range) => Some(range.end),
                _ => None,
            });
        let Some(indent) = indent else {
            let is_object = self.text[..self.inner_start].ends_with('{');
            let padding = if is_object { style.padding } else { "" };
            let entries = entries.join(style.comma);
            match comments_end {
                None => patch.replace(interior, format!("{padding}{entries}{padding}")),
                Some(end) => patch.insert(end, format!(" {entries}")),
            }
            return;
        };
        let start = comments_end.unwrap_or(self.inner_start);
        let lines = super::render::block(entries.iter().cloned(), style, self.base(), indent);
        patch.replace(start..self.inner_end, lines);
    }

    /// Removes a member or item with its comma, and the line when nothing else is on it. Comments stay.
    fn remove(&self, index: usize, patch: &mut Patch) {
        let Some(slot) = self.slots.get(index) else { return };
        let previous_end = match index.checked_sub(1).and_then(|previous| self.slots.get(previous)) {
            None => self.inner_start,
            Some(previous) => previous.comma.map_or(previous.range.end, |at| at + 1),
        };
        let mut end = slot.range.end;
        let mut limit = self.slots.get(index + 1).map_or(self.inner_end, |next| next.range.start);
        if let Some(at) = slot.comma {
            if self.text[end..at].chars().all(is_space) {
                end = at + 1;
            } else {
                patch.remove(at..at + 1);
                limit = at;
            }
        }
        let before = self.text[previous_end..slot.range.start].trim_end_matches(is_space);
        let gap_start = previous_end + before.len();
        let rest = &self.text[end..limit];
        let space = &rest[..rest.len() - rest.trim_start_matches(is_space).len()];
        let line_start = self.text[gap_start..slot.range.start].rfind(['\n', '\r']);
        let line_end =
            space.find("\r\n").map(|at| at + 2).or_else(|| space.find(['\n', '\r']).map(|at| at + 1));
        let at_bracket = end + space.len() == self.inner_end;
        let behind_line_comment =
            matches!(pieces(self.text, previous_end..gap_start).last(), Some(Piece::Line(_)));
        patch.remove(match (line_start, line_end) {
            (Some(start), Some(length)) => gap_start + start + 1..end + length,
            (Some(_), None) if at_bracket && !behind_line_comment => gap_start..end,
            (None, Some(_)) => gap_start..end,
            (None, None) if at_bracket => gap_start..end,
            (_, None) => slot.range.start..end + space.len(),
        });
    }

    /// Whether there are comments beside the members or items.
    fn has_comments(&self) -> bool {
        let starts = self.slots.iter().map(|slot| slot.range.start).chain([self.inner_end]);
        let ends = [self.inner_start].into_iter().chain(self.slots.iter().map(|slot| slot.range.end));
        ends.zip(starts).any(|(end, start)| has_comment(self.text, end..start))
    }
}
