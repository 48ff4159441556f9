//! All findings, and what became of them. Pure.

use super::finding::{Check, Finding, Repair, Severity};

/// One finding in a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Who found it.
    pub check: Check,
    /// What.
    pub finding: Finding,
    /// Whether it is gone, when something was done about it.
    pub fixed: Option<bool>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What.
    pub repair: Repair,
    /// What was done, or why it was not.
    pub result: Result<String, String>,
}

/// What an examination came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// In the order of the checks, the worst of each first.
    pub entries: Vec<Entry>,
    /// What was done, in that order.
    pub done: Vec<Done>,
}

/// The numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Errors that are left.
    pub errors: usize,
    /// Warnings that are left.
    pub warnings: usize,
    /// Things worth knowing.
    pub infos: usize,
    /// How many of the errors and warnings that are left `--fix` can do something about.
    pub fixable: usize,
    /// How many are gone.
    pub fixed: usize,
}

// === impl Entry ===

impl Entry {
    /// Whether `--fix` can do something about a problem. What is just worth knowing is none.
    fn is_fixable(&self) -> bool {
        self.finding.repair.is_some() && self.fixed.is_none() && self.finding.severity != Severity::Info
    }
}

// === impl Report ===

impl Report {
    /// The report of a first look.
    pub(super) fn of(findings: Vec<(Check, Finding)>) -> Self {
        let mut entries: Vec<Entry> =
            findings.into_iter().map(|(check, finding)| Entry { check, finding, fixed: None }).collect();
        entries.sort_by_key(|entry| (entry.check, entry.finding.severity));
        Self { entries, done: Vec::new() }
    }

    /// What is left, and what is gone, after something was done.
    pub(super) fn after_treatment(self, after: Self, done: Vec<Done>) -> Self {
        let is_left = |entry: &Entry| after.entries.iter().any(|left| left.finding.is_same(&entry.finding));
        let gone = self.entries.iter().filter(|entry| entry.finding.repair.is_some() && !is_left(entry));
        let gone: Vec<Entry> = gone.map(|entry| Entry { fixed: Some(true), ..entry.clone() }).collect();
        let left = after.entries.into_iter().map(|entry| {
            let tried = done.iter().any(|done| Some(&done.repair) == entry.finding.repair.as_ref());
            Entry { fixed: tried.then_some(false), ..entry }
        });
        let mut entries: Vec<Entry> = gone.into_iter().chain(left).collect();
        entries.sort_by_key(|entry| (entry.check, entry.finding.severity));
        Self { entries, done }
    }

    /// What is not gone.
    pub fn left(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.fixed != Some(true))
    }

    /// The numbers.
    pub fn summary(&self) -> Summary {
        let count = |severity| self.left().filter(|entry| entry.finding.severity == severity).count();
        Summary {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            // What was tried in vain is not promised again.
            fixable: self.left().filter(|entry| entry.is_fixable()).count(),
            fixed: self.entries.len() - self.left().count(),
        }
    }
}
