//! Where the lines of a gateway stand: its log file, what it printed as a service, the journal. What it prints as log
//! lines stands in the file, too, and is told once.

use std::collections::{HashSet, VecDeque};
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::backwards::Backwards;
use super::growing::Growing;
use super::journal::{self, JournalEntry};
use super::view::{Entry, View};
use crate::config::schema::LogLevel;
use crate::logging::{self, LogLine};
use crate::platform::exec::CommandRunner;
use crate::platform::fs::{Stamp, number, open_regular};

/// Times of log lines that are remembered while following.
const REMEMBERED: usize = 10_000;

/// One file with lines.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: Growing,
    form: Form,
}

/// What stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The log.
    Log,
    /// What a service printed; lines without a level have this one.
    Output(LogLevel),
}

/// When the log lines of the file were written that were seen last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    times: HashSet<String>,
    order: VecDeque<String>,
}

/// Everything that was found, oldest first.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) entries: Vec<Entry>,
    pub(super) seen: Seen,
    /// Where the journal goes on.
    pub(super) cursor: Option<String>,
    /// Why there is nothing of the journal.
    pub(super) journal_fault: Option<String>,
}

impl Source {
    /// The log file.
    pub(super) fn log(path: &Path) -> io::Result<Self> {
        Ok(Self { file: Growing::open(path)?, form: Form::Log })
    }

    /// The files of standard output and standard error of a service. One that cannot be read is as one that is not
    /// there: it is not what was asked for.
    pub(super) fn outputs(paths: &[PathBuf; 2]) -> Vec<Self> {
        let levels = [LogLevel::Info, LogLevel::Error];
        let open = |(path, level): (&PathBuf, _)| {
            Some(Self { file: Growing::open(path).ok()?, form: Form::Output(level) })
        };
        paths.iter().zip(levels).filter_map(open).collect()
    }

    /// A line of it, and its level for choosing.
    pub(super) fn line(&self, raw: &str) -> (LogLine, Option<LogLevel>) {
        match self.form {
            Form::Log => {
                let line = LogLine::of_file(raw);
                let level = line.level;
                (line, level)
            }
            Form::Output(usual) => {
                let line = LogLine::of_output(raw);
                let level = line.level.unwrap_or(usual);
                (line, Some(level))
            }
        }
    }

    /// Notes a line of the log, or says whether one of the output is a copy of one.
    pub(super) fn is_told(&self, line: &LogLine, seen: &mut Seen) -> bool {
        let Some(time) = &line.time else { return false };
        if self.form == Form::Log {
            seen.add(time);
            return false;
        }
        seen.has(time)
    }

    /// Adds the last lines that the view shows, newest first.
    fn collect(&self, view: &View<'_>, seen: &mut Seen, entries: &mut Vec<Entry>) -> io::Result<()> {
        let Some(facts) = self.file.facts() else { return Ok(()) };
        let mut at = modified(facts);
        let mut left = view.limit;
        let older = if self.form == Form::Log { older(self.file.path(), facts) } else { Vec::new() };
        let older = older.iter().map(|(file, length)| Backwards::new(file, *length));
        let newest = self.file.lines_before().transpose();
        for raw in newest.into_iter().chain(older).flat_map(lines) {
            let raw = raw?;
            if left == 0 {
                break;
            }
            if raw.is_empty() {
                continue;
            }
            let (line, level) = self.line(&raw);
            at = line.time.as_deref().and_then(milliseconds).unwrap_or(at);
            if view.since.is_some_and(|since| at < since) {
                break;
            }
            if view.shows(level) && !self.is_told(&line, seen) {
                entries.push(Entry { at, line });
                left -= 1;
            }
        }
        Ok(())
    }
}

/// The last lines of all sources.
pub(super) fn snapshot(
    sources: &[Source],
    unit: Option<&str>,
    view: &View<'_>,
    runner: &dyn CommandRunner,
) -> io::Result<Snapshot> {
    let (mut entries, mut seen) = (Vec::new(), Seen::default());
    for source in sources {
        source.collect(view, &mut seen, &mut entries)?;
    }
    entries.reverse();
    // They were read from the end, and the oldest is forgotten first.
    seen.order.make_contiguous().reverse();
    let (mut cursor, mut journal_fault) = (None, None);
    if let Some(unit) = unit {
        match asked(unit, view, runner) {
            Ok(found) => {
                cursor = found.iter().rev().find_map(|entry| entry.cursor.clone());
                let shown = found.into_iter().filter(|entry| shows(view, entry, &seen));
                entries.extend(shown.map(|entry| Entry { at: entry.at, line: entry.line }));
            }
            Err(fault) => journal_fault = Some(fault),
        }
    }
    // Stable: what one source says at one time stays in its order.
    entries.sort_by_key(|entry| entry.at);
    entries.drain(..entries.len().saturating_sub(view.limit));
    Ok(Snapshot { entries, seen, cursor, journal_fault })
}

/// Whether an entry of the journal is shown.
pub(super) fn shows(view: &View<'_>, entry: &JournalEntry, seen: &Seen) -> bool {
    let is_told = entry.is_copy && entry.line.time.as_deref().is_some_and(|time| seen.has(time));
    view.shows(entry.line.level) && !is_told && view.since.is_none_or(|since| entry.at >= since)
}

fn asked(unit: &str, view: &View<'_>, runner: &dyn CommandRunner) -> Result<Vec<JournalEntry>, String> {
    let output =
        runner.run(&journal::last(unit, view.limit, view.since)).map_err(|error| error.to_string())?;
    if output.success() {
        return Ok(output.stdout.lines().filter_map(journal::parse).collect());
    }
    let said = output.stderr.lines().next().map_or_else(|| output.exit.to_string(), str::to_owned);
    Err(format!("journalctl failed: {said}"))
}

/// The rotated files behind the log with their lengths, the newest first. When rotation comes in between, the one that
/// is open is among them, and left out.
fn older(path: &Path, open: &Metadata) -> Vec<(std::fs::File, u64)> {
    let opened =
        logging::parts(path).into_iter().skip(1).filter_map(|path| open_regular(&path).ok().flatten());
    let is_same = |facts: &Metadata| number(facts) != 0 && number(facts) == number(open);
    opened.filter(|(_, facts)| !is_same(facts)).map(|(file, facts)| (file, facts.len())).collect()
}

/// The lines, or the one error.
fn lines(opened: io::Result<Backwards<'_>>) -> Box<dyn Iterator<Item = io::Result<String>> + '_> {
    match opened {
        Ok(lines) => Box::new(lines),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// Unix milliseconds of a time as it stands in a line.
pub(super) fn milliseconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn modified(facts: &Metadata) -> i64 {
    i64::try_from(Stamp::modified(facts).nanoseconds() / 1_000_000).unwrap_or(0)
}

impl Seen {
    fn add(&mut self, time: &str) {
        if self.times.insert(time.to_owned()) {
            self.order.push_back(time.to_owned());
        }
    }

    /// Forgets the oldest when there are many.
    pub(super) fn trim(&mut self) {
        for time in self.order.drain(..self.order.len().saturating_sub(REMEMBERED)) {
            self.times.remove(&time);
        }
    }

    fn has(&self, time: &str) -> bool {
        self.times.contains(time)
    }
}
