//! Issues for people: lines of text with a kind, so that the caller can add colour. Pure.

use std::path::Path;

use unicode_width::UnicodeWidthChar;

use super::{Issue, Place};

/// How many columns of a source line are shown at most.
const SOURCE_COLUMNS: usize = 100;

/// How many columns stay before the mark of a line that is cut.
const COLUMNS_BEFORE_MARK: usize = 40;

/// What a tab takes.
const TAB: &str = "    ";

/// One line of a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosticLine {
    /// What it is, for colour.
    pub kind: DiagnosticKind,
    /// Its text, without line break.
    pub text: String,
}

/// What a line of a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiagnosticKind {
    /// `PATH:LINE:COL`.
    Location,
    /// The dotted path and what is wrong.
    Message,
    /// The line of the file, behind its number.
    Source,
    /// `^^^^` below the offending text.
    Mark,
    /// The fix.
    Help,
    /// Nothing, between two issues.
    Blank,
}

/// All issues as plain text, each line with its line break.
pub fn render(issues: &[Issue], home: &Path) -> String {
    render_lines(issues, home).into_iter().fold(String::new(), |mut text, line| {
        text.push_str(&line.text);
        text.push('\n');
        text
    })
}

/// All issues as lines. `home` is shown as `~`. Control characters are shown as `�`, so that a file cannot drive
/// the terminal.
pub fn render_lines(issues: &[Issue], home: &Path) -> Vec<DiagnosticLine> {
    let mut lines = Vec::new();
    for issue in issues {
        if !lines.is_empty() {
            lines.push(DiagnosticLine { kind: DiagnosticKind::Blank, text: String::new() });
        }
        push_issue(&mut lines, issue, home);
    }
    lines
}

fn push_issue(lines: &mut Vec<DiagnosticLine>, issue: &Issue, home: &Path) {
    let mut push = |kind, text| lines.push(DiagnosticLine { kind, text });
    if let Some(place) = &issue.place {
        let file = sanitize(&shorten(&place.file, home));
        push(DiagnosticKind::Location, format!("{file}:{}:{}", place.line, place.column));
    }
    let message = sanitize(&issue.message);
    let path = sanitize(&issue.path);
    push(DiagnosticKind::Message, if path.is_empty() { message } else { format!("{path}: {message}") });
    if let Some(place) = &issue.place {
        let (source, before, width) = excerpt(place);
        let number = place.line.to_string();
        push(DiagnosticKind::Source, format!("  {number} | {source}").trim_end().to_owned());
        let gutter = " ".repeat(number.len());
        push(DiagnosticKind::Mark, format!("  {gutter} | {}{}", " ".repeat(before), "^".repeat(width)));
    }
    if let Some(suggestion) = &issue.suggestion {
        push(DiagnosticKind::Help, format!("help: {}", sanitize(suggestion)));
    }
}

fn shorten(file: &Path, home: &Path) -> String {
    match file.strip_prefix(home) {
        Ok(rest) if !home.as_os_str().is_empty() => format!("~/{}", rest.display()),
        _ => file.display().to_string(),
    }
}

/// One character of the source line as shown.
struct Cell {
    shown: String,
    width: usize,
}

/// The part of the line that is shown, the columns before the mark, and the mark's columns.
fn excerpt(place: &Place) -> (String, usize, usize) {
    let cells: Vec<Cell> = place.text.chars().map(cell).collect();
    let mark_start = (place.column.saturating_sub(1)).saturating_sub(place.skipped).min(cells.len());
    let mark_end = mark_start.saturating_add(place.width).min(cells.len());
    let columns = |from: usize, to: usize| cells[from..to].iter().map(|cell| cell.width).sum::<usize>();

    let mut first = 0;
    if columns(0, cells.len()) > SOURCE_COLUMNS {
        while columns(first, mark_start) > COLUMNS_BEFORE_MARK {
            first += 1;
        }
    }
    let mut last = first;
    let mut shown_columns = 0;
    while let Some(cell) = cells.get(last).filter(|cell| shown_columns + cell.width <= SOURCE_COLUMNS) {
        shown_columns += cell.width;
        last += 1;
    }
    let mut text = String::new();
    let cut_before = first > 0 || place.skipped > 0;
    if cut_before {
        text.push('…');
    }
    text.extend(cells[first..last].iter().map(|cell| cell.shown.as_str()));
    if last < cells.len() {
        text.push('…');
    }
    let before = usize::from(cut_before) + columns(first, mark_start);
    let width = columns(mark_start, mark_end.min(last).max(mark_start)).max(1);
    (text, before, width)
}

fn cell(c: char) -> Cell {
    if c == '\t' {
        return Cell { shown: TAB.to_owned(), width: TAB.len() };
    }
    let c = harmless(c);
    Cell { shown: c.into(), width: c.width().unwrap_or(1) }
}

/// The character, unless it would act on the terminal: control characters and those that change the direction of
/// writing.
fn harmless(c: char) -> char {
    let acts = c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if acts { '\u{fffd}' } else { c }
}

fn sanitize(text: &str) -> String {
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests;
