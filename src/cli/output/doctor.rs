//! A report of the doctor: for people, and as JSON. Pure.

use std::path::Path;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::harmless::harmless;
use super::paint::{Mark, Paint};
use crate::doctor::{Check, Entry, Finding, Fix, Report, Severity, Summary};
use crate::profile::shorten;

/// Lines get no longer than people read, however wide the terminal is.
const WIDEST: usize = 100;
/// Lines do not get narrower.
const NARROWEST: usize = 30;

/// How it is shown.
#[derive(Debug)]
pub(crate) struct Look<'a> {
    /// Columns.
    pub(crate) width: usize,
    /// Its colours.
    pub(crate) paint: Paint,
    /// The command that repairs.
    pub(crate) command: String,
    /// Shown as `~`.
    pub(crate) home: &'a Path,
}

/// The report for people; no line break at its end.
pub(crate) fn screen(report: &Report, look: &Look<'_>) -> String {
    let mut lines = Vec::new();
    for done in &report.done {
        match &done.result {
            Ok(text) => look.item(&mut lines, "", &look.paint.mark(Mark::Tick), text),
            Err(text) => look.item(&mut lines, "", &look.paint.mark(Mark::Cross), text),
        }
    }
    let left: Vec<&Entry> = report.left().collect();
    for (index, entry) in left.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| left[before]);
        let is_first = before.is_none_or(|before| before.check != entry.check);
        if is_first {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(look.paint.title(entry.check.title()));
        }
        // What is said of several things in a row is said once.
        let is_said = before.is_some_and(|before| !is_first && before.finding.why == entry.finding.why);
        look.finding(&mut lines, &entry.finding, !is_said);
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    look.summary(&mut lines, report.summary());
    lines.join("\n")
}

/// `3 problems, 1 warning`.
fn sentence(summary: Summary) -> String {
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if summary.errors > 0 {
        parts.push(count(summary.errors, "problem"));
    }
    if summary.warnings > 0 {
        parts.push(count(summary.warnings, "warning"));
    }
    match (summary.fixed, parts.is_empty()) {
        (0, true) => "no problems found".to_owned(),
        (0, false) => parts.join(", "),
        (fixed, true) => format!("{fixed} fixed, nothing left"),
        (fixed, false) => format!("{fixed} fixed, {} left", parts.join(", ")),
    }
}

impl Look<'_> {
    fn finding(&self, lines: &mut Vec<String>, finding: &Finding, why: bool) {
        let mark = match finding.severity {
            Severity::Error => self.paint.mark(Mark::Cross),
            Severity::Warning => self.paint.doubtful("!"),
            Severity::Info => self.paint.aside("-"),
        };
        let text = match &finding.place {
            Some(place) => {
                let file = shorten(&place.file, self.home);
                format!("{file}:{}:{} {}", place.line, place.column, finding.message)
            }
            None => finding.message.clone(),
        };
        self.item(lines, "  ", &mark, &text);
        if why && !finding.why.is_empty() {
            let why = self.wrapped("    ", "    ", &finding.why);
            lines.extend(why.iter().map(|line| self.paint.aside(line)));
        }
        match &finding.fix {
            // What is to be copied stays in one piece.
            Some(Fix::Command(command)) => lines.push(format!("    fix: {}", harmless(command))),
            Some(Fix::Advice(advice)) => lines.extend(self.wrapped("    fix: ", "    ", advice)),
            None => {}
        }
    }

    /// `3 problems, 1 warning; 2 can be fixed: clawdbot doctor --fix`; the command in one piece.
    fn summary(&self, lines: &mut Vec<String>, summary: Summary) {
        let sentence = sentence(summary);
        if summary.fixable == 0 {
            lines.extend(self.wrapped("", "", &sentence));
            return;
        }
        let mut line = format!("{sentence}; {} can be fixed:", summary.fixable);
        if line.width() + 1 + self.command.width() > self.width {
            lines.push(std::mem::replace(&mut line, " ".to_owned()));
        }
        lines.push(format!("{line} {}", self.command));
    }

    /// A mark of one column, and a text beside it.
    fn item(&self, lines: &mut Vec<String>, indent: &str, mark: &str, text: &str) {
        let beside = format!("{indent}  ");
        let mut wrapped = self.wrapped(&beside, &beside, text).into_iter();
        let first = wrapped.next().unwrap_or_default();
        lines.push(format!("{indent}{mark} {}", first.trim_start()));
        lines.extend(wrapped);
    }

    /// Words in lines, `first` before the first and `rest` before the others. A word that is too long stays whole.
    fn wrapped(&self, first: &str, rest: &str, text: &str) -> Vec<String> {
        let width = self.width.clamp(NARROWEST, WIDEST);
        let mut lines = Vec::new();
        let (mut line, mut is_empty) = (first.to_owned(), true);
        for word in harmless(text).split_whitespace() {
            if !is_empty && line.width() + 1 + word.width() > width {
                lines.push(std::mem::replace(&mut line, rest.to_owned()));
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        lines.push(line);
        lines
    }
}

/// The report for scripts.
pub(crate) fn to_json(report: &Report) -> Value {
    let summary = report.summary();
    json!({
        "ok": summary.errors == 0,
        "findings": report.entries.iter().map(entry).collect::<Vec<_>>(),
        "done": report.done.iter().map(|done| match &done.result {
            Ok(text) => json!({ "ok": true, "message": text }),
            Err(text) => json!({ "ok": false, "message": text }),
        }).collect::<Vec<_>>(),
        "summary": {
            "errors": summary.errors,
            "warnings": summary.warnings,
            "infos": summary.infos,
            "fixable": summary.fixable,
            "fixed": summary.fixed,
        },
    })
}

fn entry(entry: &Entry) -> Value {
    let Entry { check, finding, fixed } = entry;
    let fix = finding.fix.as_ref().map(|fix| match fix {
        Fix::Command(text) | Fix::Advice(text) => text,
    });
    let mut object = json!({
        "check": Check::as_str(*check),
        "code": finding.code,
        "severity": finding.severity.as_str(),
        "message": finding.message,
        "why": finding.why,
        "fix": fix,
        "fixable": finding.repair.is_some(),
    });
    if let Some(fixed) = fixed {
        object["fixed"] = json!(fixed);
    }
    if let Some(place) = &finding.place {
        object["place"] = json!({ "file": place.file, "line": place.line, "column": place.column });
    }
    object
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::doctor::broken;

    /// A screen at these widths, with colours and without, is what the file says.
    #[track_caller]
    fn check(width: usize, colours: bool, file: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/screens");
        let expected = std::fs::read_to_string(folder.join(file)).unwrap();
        let home = Path::new("/home/you");
        let look =
            Look { width, paint: Paint::new(colours), command: "clawdbot doctor --fix".to_owned(), home };
        let shown = screen(&broken::report(), &look) + "\n";
        assert!(shown == expected, "{width} columns, colours {colours}:\n{shown}");
    }

    #[test]
    fn every_width_has_its_screen() {
        check(60, false, "doctor-60.txt");
        check(80, false, "doctor-80.txt");
        check(200, false, "doctor-200.txt");
        check(80, true, "doctor-80-colours.txt");
    }

    #[test]
    fn nothing_found_is_one_line() {
        let look = Look {
            width: 80,
            paint: Paint::new(false),
            command: String::new(),
            home: Path::new("/home/you"),
        };
        assert_eq!(screen(&Report::default(), &look), "no problems found");
    }
}
