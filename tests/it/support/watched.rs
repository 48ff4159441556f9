//! A program that runs while a test reads both of its streams.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::program::end_within;
use super::wait;

/// A program, killed when dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    child: Child,
    stdout: Lines,
    stderr: Lines,
    readers: Vec<JoinHandle<()>>,
}

/// What a stream has said so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Watched {
    /// Starts it.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (stdout, out) = Lines::read(child.stdout.take().expect("piped"));
        let (stderr, err) = Lines::read(child.stderr.take().expect("piped"));
        Self { child, stdout, stderr, readers: vec![out, err] }
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Standard output.
    pub(crate) fn stdout(&self) -> Vec<String> {
        self.stdout.all()
    }

    /// Standard error.
    pub(crate) fn stderr(&self) -> Vec<String> {
        self.stderr.all()
    }

    /// Waits for the first line of standard output that begins like this.
    #[track_caller]
    pub(crate) fn says(&self, begin: &str) -> String {
        self.stdout.find(begin, &self.stderr)
    }

    /// Waits for the first line of standard error that begins like this.
    #[track_caller]
    pub(crate) fn complains(&self, begin: &str) -> String {
        self.stderr.find(begin, &self.stdout)
    }

    /// Where a gateway listens, once it says so.
    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        let line = self.says("✓ listening on ws://127.0.0.1:");
        let (_, rest) = line.split_once("ws://").expect("a URL");
        rest.split(' ').next().and_then(|address| address.parse().ok()).expect("an address")
    }

    /// Waits for its end, and for the end of what it said.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let status = end_within(&mut self.child, wait::PATIENCE).expect("an end");
        self.readers.drain(..).for_each(|reader| reader.join().expect("reader"));
        status
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lines {
    /// Reads in the background until the stream ends.
    fn read(pipe: impl Read + Send + 'static) -> (Self, JoinHandle<()>) {
        let lines = Self::default();
        let noted = lines.clone();
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                noted.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        (lines, reader)
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[track_caller]
    fn find(&self, begin: &str, other: &Self) -> String {
        let missing = Missing { begin, lines: self, other };
        wait::until(missing, wait::PATIENCE, || self.all().into_iter().find(|line| line.starts_with(begin)))
    }
}

/// A line that has not come, and what has come instead.
struct Missing<'a> {
    begin: &'a str,
    lines: &'a Lines,
    other: &'a Lines,
}

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, other) = (self.lines.all(), self.other.all());
        write!(f, "a line {:?} among {lines:#?}; the other stream: {other:#?}", self.begin)
    }
}
