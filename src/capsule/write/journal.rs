//! The journals of a recording as one: their lines in the order of `at`.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::capsule::Recording;
use crate::recording::Part;

/// Lines of a file that may be out of order: threads note the moment before they queue.
const WINDOW: usize = 256;

/// A file is opened when its first line is no later than this after the next one, microseconds.
const AHEAD: u64 = 1_000_000;

/// What of a line is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Head {
    at: Option<u64>,
    ts: Option<u64>,
    event: String,
    generation: Option<u64>,
    pid: Option<u64>,
    count: Option<u64>,
}

/// A file of a journal, whose lines are read ahead.
#[derive(Debug)]
struct Lines {
    input: BufReader<io::Take<File>>,
    ahead: BinaryHeap<Reverse<(u64, u64, Vec<u8>)>>,
    /// Lines so far.
    number: u64,
    /// The moment of the last line that had one.
    last_at: u64,
    is_over: bool,
}

/// Merges the parts of a recording into `out`, line by line; what they hold, and `None` when that is nothing.
pub(super) fn merge(
    recording: &Path,
    out: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Option<Recording>> {
    let mut parts = Vec::new();
    for (part, path) in Part::all(recording)? {
        match Lines::open(&path) {
            Ok(lines) => parts.extend(lines.first_at().map(|first| (first, part, path))),
            // The oldest part makes room for a new one.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    parts.sort_by_key(|(first, part, _)| (*first, part.number, part.generation));
    let numbers: BTreeSet<u64> = parts.iter().map(|(_, part, _)| part.number).collect();
    let mut waiting: VecDeque<(u64, PathBuf)> =
        parts.into_iter().map(|(first, _, path)| (first, path)).collect();
    let mut open: Vec<Lines> = Vec::new();
    let mut told = Told::default();
    loop {
        let next = open.iter().enumerate().filter_map(|(index, lines)| Some((lines.next_at()?, index))).min();
        if let Some((first, _)) = waiting.front()
            && next.is_none_or(|(at, _)| *first <= at.saturating_add(AHEAD))
        {
            if let Some((_, path)) = waiting.pop_front() {
                open.push(Lines::open(&path)?);
            }
            continue;
        }
        let Some((_, index)) = next else { break };
        if let Some(line) = open[index].next()? {
            told.line(&line);
            out(&line)?;
        }
        open.retain(|lines| lines.next_at().is_some());
    }
    Ok(told.finish(&numbers))
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // What is written from now on belongs to another capsule.
        let length = file.metadata()?.len();
        let input = BufReader::with_capacity(64 * 1024, file.take(length));
        let mut lines = Self { input, ahead: BinaryHeap::new(), number: 0, last_at: 0, is_over: false };
        lines.read_ahead(1)?;
        Ok(lines)
    }

    fn first_at(&self) -> Option<u64> {
        self.next_at()
    }

    fn next_at(&self) -> Option<u64> {
        self.ahead.peek().map(|Reverse((at, _, _))| *at)
    }

    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.read_ahead(WINDOW)?;
        let next = self.ahead.pop().map(|Reverse((_, _, line))| line);
        self.read_ahead(1)?;
        Ok(next)
    }

    /// Reads until so many lines wait.
    fn read_ahead(&mut self, lines: usize) -> io::Result<()> {
        while !self.is_over && self.ahead.len() < lines {
            let mut line = Vec::new();
            self.input.read_until(b'\n', &mut line)?;
            // The last one may be cut off.
            if line.last() != Some(&b'\n') {
                self.is_over = true;
                break;
            }
            if let Ok(head) = serde_json::from_slice::<Head>(&line) {
                self.last_at = head.at.unwrap_or(self.last_at);
                self.ahead.push(Reverse((self.last_at, self.number, line)));
                self.number += 1;
            }
        }
        Ok(())
    }
}

/// What the lines tell.
#[derive(Debug, Default)]
struct Told {
    from: Option<u64>,
    to: u64,
    lines: u64,
    frames: u64,
    connections: u64,
    missed: u64,
    generations: BTreeSet<(u64, u64)>,
}

impl Told {
    fn line(&mut self, line: &[u8]) {
        let head: Head = serde_json::from_slice(line).unwrap_or_default();
        self.lines += 1;
        if let Some(ts) = head.ts {
            self.from = Some(self.from.map_or(ts, |from| from.min(ts)));
            self.to = self.to.max(ts);
        }
        match head.event.as_str() {
            "in" | "out" => self.frames += 1,
            "open" => self.connections += 1,
            "missed" => self.missed += head.count.unwrap_or(1),
            "journal" => {
                self.generations.insert((head.generation.unwrap_or_default(), head.pid.unwrap_or_default()));
            }
            _ => {}
        }
    }

    fn finish(self, parts: &BTreeSet<u64>) -> Option<Recording> {
        let has_all = parts.iter().copied().eq(1..=parts.len() as u64);
        (self.lines > 0).then(|| Recording {
            from: self.from.unwrap_or_default(),
            to: self.to,
            lines: self.lines,
            frames: self.frames,
            connections: self.connections,
            generations: self.generations.len() as u64,
            missed: self.missed,
            is_whole: has_all && self.missed == 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn merged(parts: &[(&str, &str)]) -> (String, Option<Recording>) {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in parts {
            fs::write(place.path().join(name), text).unwrap();
        }
        let mut all = Vec::new();
        let told = merge(place.path(), &mut |line| {
            all.extend_from_slice(line);
            Ok(())
        });
        (String::from_utf8(all).unwrap(), told.unwrap())
    }

    fn line(at: u64, event: &str) -> String {
        format!(
            "{{\"at\":{at},\"ts\":{},\"event\":\"{event}\",\"generation\":{at},\"pid\":7,\"count\":3}}\n",
            at / 1000
        )
    }

    #[test]
    fn lines_are_in_the_order_of_their_moments() {
        let one = [line(1000, "journal"), line(2000, "open"), line(5000, "in"), line(4000, "out")].concat();
        let two = [line(3000, "journal"), line(4500, "out"), "{\"at\":9000".to_owned()].concat();
        let late = [line(90_000_000, "journal"), "no json\n".to_owned(), line(90_000_001, "close")].concat();
        let (text, told) = merged(&[
            ("1769248800000-g1-1.jsonl", &one),
            ("1769248800003-g2-2.jsonl", &two),
            ("1769248890000-g3-3.jsonl", &late),
            ("notes.txt", "{}"),
        ]);
        let moments: Vec<u64> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["at"].as_u64().unwrap())
            .collect();
        assert_eq!(moments, [1000, 2000, 3000, 4000, 4500, 5000, 90_000_000, 90_000_001]);
        let expected = Recording {
            from: 1,
            to: 90_000,
            lines: 8,
            frames: 3,
            connections: 1,
            generations: 3,
            missed: 0,
            is_whole: true,
        };
        assert_eq!(told, Some(expected));
    }

    #[test]
    fn what_is_missing_is_told() {
        let (_, told) = merged(&[("1769248800000-g1-2.jsonl", &line(1, "journal"))]);
        assert!(!told.unwrap().is_whole);
        let text = [line(1, "journal"), line(2, "missed")].concat();
        let (_, told) = merged(&[("1769248800000-g1-1.jsonl", &text)]);
        let told = told.unwrap();
        assert_eq!((told.missed, told.is_whole), (3, false));
        assert_eq!(merged(&[]), (String::new(), None));
        assert_eq!(merged(&[("1769248800000-g1-1.jsonl", "")]), (String::new(), None));
    }
}
