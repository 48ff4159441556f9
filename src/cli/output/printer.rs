//! Lines on stdout and stderr: whole, flushed, coloured only for a person, and never a panic when nobody reads.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::ascii;
use super::detached::{self, Finish};
use super::paint::{Mark, Paint};
use crate::platform::terminal;
use crate::profile::{EnvMap, vars};
use crate::settings::Console;

/// Where lines for people go, and whether they are coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "two streams with two properties each")]
pub(crate) struct Style {
    /// Whether marks on stdout are coloured.
    pub(crate) colour_out: bool,
    /// Whether marks on stderr are coloured.
    pub(crate) colour_err: bool,
    /// Whether stdout is a terminal that shows ASCII alone.
    pub(crate) ascii_out: bool,
    /// Whether stderr is one.
    pub(crate) ascii_err: bool,
    /// Lines for people go to stderr, because stdout carries JSON.
    pub(crate) people_on_stderr: bool,
    /// Columns of the terminal behind stdout; `None` when there is none, and nothing has to be cut.
    pub(crate) columns: Option<u16>,
}

/// Prints. Every line is written whole and flushed; a reader that has gone away is not an error.
pub(crate) struct Printer {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    style: Style,
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

// === impl Style ===

impl Style {
    /// The style for this process.
    pub(crate) fn detect(env: &EnvMap, no_color: bool) -> Self {
        let (allowed, ascii) = (colours_allowed(env, no_color), ascii::is_asked_for(env));
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        Self {
            colour_out: allowed && out,
            colour_err: allowed && err,
            ascii_out: ascii && out,
            ascii_err: ascii && err,
            people_on_stderr: false,
            columns: if out { terminal::width() } else { None },
        }
    }
}

fn colours_allowed(env: &EnvMap, no_color: bool) -> bool {
    !no_color && !env.is_present(vars::NO_COLOR) && env.get(vars::TERM) != Some("dumb")
}

// === impl Printer ===

impl Printer {
    /// Prints to the process's own streams.
    pub(crate) fn new(style: Style) -> Self {
        Self::to(Box::new(io::stdout()), Box::new(io::stderr()), style)
    }

    /// Prints to the given writers.
    pub(crate) fn to(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, style: Style) -> Self {
        Self { out: Mutex::new(out), err: Mutex::new(err), style }
    }

    /// A printer of the same style that never waits for whoever reads; for a program that must not stand still.
    pub(crate) fn detached(&self) -> io::Result<(Self, Finish)> {
        let (out, err, finish) = detached::streams()?;
        Ok((Self::to(Box::new(out), Box::new(err), self.style), finish))
    }

    /// The same printer with lines for people on stderr, for a stdout that carries JSON.
    #[must_use]
    pub(crate) fn with_people_on_stderr(mut self) -> Self {
        self.style.people_on_stderr = true;
        self
    }

    /// `✓ text`, for people.
    pub(crate) fn tick(&self, text: &str) {
        self.marked(Mark::Tick, text);
    }

    /// `✗ text`, for people.
    pub(crate) fn cross(&self, text: &str) {
        self.marked(Mark::Cross, text);
    }

    /// Text for people, as it stands; may have several lines.
    pub(crate) fn text(&self, text: &str) {
        self.write(self.people(), text);
    }

    /// Clears the screen, if stdout is one.
    pub(crate) fn clear(&self) {
        if self.style.colour_out {
            self.write(Stream::Out, "\x1b[2J\x1b[3J\x1b[H");
        }
    }

    /// Whether lines for people may be coloured.
    pub(crate) fn has_colours(&self) -> bool {
        match self.people() {
            Stream::Out => self.style.colour_out,
            Stream::Err => self.style.colour_err,
        }
    }

    /// Lines on stdout, for a command that wants to know whether anybody reads them.
    pub(crate) fn try_text(&self, text: &str) -> io::Result<()> {
        self.try_write(Stream::Out, text)
    }

    /// Whether stdout carries JSON.
    pub(crate) fn is_for_scripts(&self) -> bool {
        self.style.people_on_stderr
    }

    /// Text for people on stderr: warnings and errors.
    pub(crate) fn error(&self, text: &str) {
        self.write(Stream::Err, text);
    }

    /// A question on stderr; the cursor stays behind it.
    pub(crate) fn ask(&self, question: &str) {
        let mut stream = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = stream.write_all(question.as_bytes()).and_then(|()| stream.flush());
    }

    /// Whether questions are coloured.
    pub(crate) fn colours_questions(&self) -> bool {
        self.style.colour_err
    }

    /// One JSON value on one line of stdout. A value that cannot be written as JSON prints nothing.
    pub(crate) fn json(&self, value: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(value) {
            self.write(Stream::Out, &line);
        }
    }

    /// What log lines on standard error may look like. Scripts get them plain, with everything else that is relayed.
    pub(crate) fn console(&self) -> Console {
        let is_terminal = io::stderr().is_terminal() && !self.style.people_on_stderr;
        Console { is_terminal, colours: is_terminal && self.style.colour_err }
    }

    /// Columns for text for people.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.style.columns.map(usize::from)
    }

    /// The colours of text for people.
    pub(crate) fn paint(&self) -> Paint {
        Paint::new(self.has_colours())
    }

    fn marked(&self, mark: Mark, text: &str) {
        self.write(self.people(), &format!("{} {text}", self.paint().mark(mark)));
    }

    fn people(&self) -> Stream {
        if self.style.people_on_stderr { Stream::Err } else { Stream::Out }
    }

    /// Nobody is left to hear about a closed pipe or a full disk behind stdout.
    fn write(&self, stream: Stream, text: &str) {
        let _ = self.try_write(stream, text);
    }

    fn try_write(&self, stream: Stream, text: &str) -> io::Result<()> {
        let (stream, ascii) = match stream {
            Stream::Out => (&self.out, self.style.ascii_out),
            Stream::Err => (&self.err, self.style.ascii_err),
        };
        let text = if ascii { ascii::spelled(text) } else { Cow::Borrowed(text) };
        let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(format!("{text}\n").as_bytes()).and_then(|()| stream.flush())
    }
}

impl fmt::Debug for Printer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Printer").field("style", &self.style).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
