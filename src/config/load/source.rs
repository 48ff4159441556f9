//! The texts that a configuration was read from, and places in them.

use std::ops::Range;
use std::path::PathBuf;

use super::super::problem::Problem;
use super::super::tree::Span;
use super::super::{Issue, Place};
use super::lexical::secret_values;

/// Lines longer than this are cut around the mark, so that a document on a single line does not travel with each
/// of its problems.
const LINE_LIMIT: usize = 400;

/// How many characters stay before the mark of a line that is cut.
const BEFORE_MARK: usize = 160;

/// How many problems are reported; of any more only the number is.
const ISSUE_LIMIT: usize = 200;

/// One file.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    text: String,
}

/// Every file that was read, in the order of reading; a `Span` names one by its index.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

/// What is computed once per file that has problems.
struct Located<'s> {
    source: &'s Source,
    line_starts: Vec<usize>,
    secrets: Vec<Range<usize>>,
}

impl Sources {
    /// Takes a file in and returns its index.
    pub(super) fn add(&mut self, path: PathBuf, text: String) -> usize {
        self.0.push(Source { path, text });
        self.0.len() - 1
    }

    /// The place of a stretch of one of the files.
    pub(super) fn place(&self, span: Span) -> Option<Place> {
        self.0.get(span.file).map(|source| Located::new(source).place(span))
    }

    /// Turns problems into issues, sorted by place: problems without a place first, then file by file.
    pub(super) fn locate(&self, mut problems: Vec<Problem>) -> Vec<Issue> {
        problems.sort_by_key(|problem| problem.span);
        let surplus = problems.len().saturating_sub(ISSUE_LIMIT);
        problems.truncate(ISSUE_LIMIT);
        let mut located: Vec<Option<Located<'_>>> = self.0.iter().map(|_| None).collect();
        let mut issues: Vec<Issue> = Vec::with_capacity(problems.len());
        for Problem { path, message, suggestion, span } in problems {
            let place = span.and_then(|span| {
                let source = self.0.get(span.file)?;
                let slot = located.get_mut(span.file)?;
                Some(slot.get_or_insert_with(|| Located::new(source)).place(span))
            });
            issues.push(Issue { path, message, suggestion, place });
        }
        if surplus > 0 {
            issues.push(Issue {
                path: String::new(),
                message: format!("{surplus} more problems are not shown"),
                suggestion: None,
                place: None,
            });
        }
        issues
    }
}

impl<'s> Located<'s> {
    fn new(source: &'s Source) -> Self {
        let line_starts =
            std::iter::once(0).chain(source.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { source, line_starts, secrets: secret_values(&source.text) }
    }

    fn place(&self, span: Span) -> Place {
        let text = &self.source.text;
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let line_index =
            self.line_starts.partition_point(|&line_start| line_start <= start).saturating_sub(1);
        let line_start = self.line_starts.get(line_index).copied().unwrap_or(0);
        let line_end = text[line_start..].find('\n').map_or(text.len(), |length| line_start + length);
        let line_end = line_start + text[line_start..line_end].trim_end_matches('\r').len();
        let start = start.min(line_end);
        let end = text.ceil_char_boundary(span.end).clamp(start, line_end);

        let before = text[line_start..start].chars().count();
        let width = text[start..end].chars().count().max(1);
        let skipped = if text[line_start..line_end].chars().nth(LINE_LIMIT).is_some() {
            before.saturating_sub(BEFORE_MARK)
        } else {
            0
        };
        let shown = text[line_start..line_end]
            .char_indices()
            .skip(skipped)
            .take(LINE_LIMIT)
            .map(|(at, c)| if self.is_secret(line_start + at) { '•' } else { c })
            .collect();
        Place {
            file: self.source.path.clone(),
            line: line_index + 1,
            column: before + 1,
            text: shown,
            skipped,
            width,
        }
    }

    fn is_secret(&self, at: usize) -> bool {
        let next = self.secrets.partition_point(|range| range.end <= at);
        self.secrets.get(next).is_some_and(|range| range.contains(&at))
    }
}

/// Line and column, both counted from 1, of a byte offset.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
