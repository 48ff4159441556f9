//! `clawdbot gateway --dev` as a person would start it: the real binary, its own home, a port that the system
//! chooses, and the stream of events.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::events::{Event, Events};
use super::home::Home;
use super::http::{self, Health};
use super::process::{self, Process};
use super::program::{self, BINARY};
use super::wait::{self, PATIENCE};

/// How to start a harness.
#[derive(Debug)]
#[must_use = "nothing runs before `start`"]
pub(crate) struct Builder {
    binary: PathBuf,
    home: PathBuf,
    port: Option<u16>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A harness that runs. Dropping it kills it and everything that descends from it.
#[derive(Debug)]
pub(crate) struct Harness {
    child: Child,
    events: Events,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    mark: String,
    /// Moment before the start.
    pub(crate) begun: Instant,
}

/// `gateway --dev --port 0 --events json` in `home`.
pub(crate) fn in_home(home: &Home) -> Builder {
    Builder {
        binary: PathBuf::from(BINARY),
        home: home.path().to_owned(),
        port: Some(0),
        arguments: ["gateway", "--dev", "--events", "json"].map(str::to_owned).to_vec(),
        environment: Vec::new(),
    }
}

impl Builder {
    /// Another binary.
    pub(crate) fn binary(mut self, binary: &Path) -> Self {
        binary.clone_into(&mut self.binary);
        self
    }

    /// A port that the caller knows beforehand, instead of one that the system chooses.
    pub(crate) fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// No `--port`: the configuration decides.
    pub(crate) fn without_port(mut self) -> Self {
        self.port = None;
        self
    }

    /// Starts it by way of another program, which is given the binary and its arguments and must `exec` them.
    pub(crate) fn through(mut self, program: &str, arguments: &[&str]) -> Self {
        let binary = std::mem::replace(&mut self.binary, PathBuf::from(program));
        let mut all: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        all.push(binary.display().to_string());
        all.append(&mut self.arguments);
        self.arguments = all;
        self
    }

    /// Another command line altogether.
    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.port = None;
        self.arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        self
    }

    /// One more argument.
    pub(crate) fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// One more variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Lines for people instead of events.
    pub(crate) fn plain(mut self) -> Self {
        self.arguments.retain(|argument| argument != "--events" && argument != "json");
        self
    }

    /// Starts it, and waits for nothing.
    pub(crate) fn spawn(self) -> Harness {
        let mark = program::fresh_mark();
        let mut command = program::command(&self.binary, &self.home, &mark);
        command.args(&self.arguments).envs(self.environment);
        if let Some(port) = self.port {
            command.args(["--port", &port.to_string()]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let begun = Instant::now();
        // A process that another test starts at this moment may have inherited the program, open for writing.
        let mut child = wait::until("the harness starts", PATIENCE, || match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => None,
            result => Some(result.expect("the harness starts")),
        });
        let (events, reader) = Events::read(child.stdout.take().expect("piped"));
        let stderr = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&stderr);
        let pipe = child.stderr.take().expect("piped");
        let errors = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut text = sink.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&line);
                text.push('\n');
            }
        });
        Harness { child, events, stderr, readers: vec![reader, errors], mark, begun }
    }

    /// Starts it, and waits until generation 1 serves.
    #[track_caller]
    pub(crate) fn start(self) -> Harness {
        let harness = self.spawn();
        harness.wait_from(0, "ready", |event| event.is("ready"));
        harness
    }
}

impl Harness {
    /// Process id of the harness itself.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where the gateway listens.
    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        let ready = self.wait_from(0, "ready", |event| event.is("ready"));
        let url = ready.value["url"].as_str().unwrap_or_else(|| panic!("no url in {}", ready.value));
        let authority = url.split_once("://").map_or(url, |(_, authority)| authority).trim_end_matches('/');
        authority.parse().unwrap_or_else(|_| panic!("no address in {url}"))
    }

    /// A position in the stream of events; what is waited for comes after it.
    pub(crate) fn mark(&self) -> usize {
        self.events.mark()
    }

    /// The events from a position.
    pub(crate) fn since(&self, mark: usize) -> Vec<Event> {
        self.events.since(mark)
    }

    /// The first event from position `mark` that `wanted` accepts. Panics with everything that was said instead.
    #[track_caller]
    pub(crate) fn wait_from(&self, mark: usize, what: &str, wanted: impl FnMut(&Event) -> bool) -> Event {
        self.try_wait(mark, PATIENCE, wanted)
            .unwrap_or_else(|error| panic!("no {what}: {error}\nstderr:\n{}", self.stderr()))
    }

    /// The same, for a caller that goes on without.
    pub(crate) fn try_wait(
        &self,
        mark: usize,
        patience: Duration,
        wanted: impl FnMut(&Event) -> bool,
    ) -> Result<Event, String> {
        self.events.wait(mark, patience, wanted)
    }

    /// The next generation that serves.
    #[track_caller]
    pub(crate) fn reloaded(&self, mark: usize) -> Event {
        self.wait_from(mark, "reloaded", |event| event.is("reloaded"))
    }

    /// The next edit that was refused.
    #[track_caller]
    pub(crate) fn kept(&self, mark: usize) -> Event {
        self.wait_from(mark, "kept", |event| event.is("kept"))
    }

    /// Runs `change` and checks that no generation is started by it, and that nothing is said about it.
    #[track_caller]
    pub(crate) fn assert_no_reload(&self, what: &str, change: impl FnOnce()) {
        let mark = self.mark();
        let before = self.health();
        change();
        self.assert_quiet(mark, what);
        assert_eq!(self.health(), before, "{what}");
    }

    /// Checks that nothing is said for a while, beyond what came before position `mark`.
    #[track_caller]
    pub(crate) fn assert_quiet(&self, mark: usize, what: &str) {
        wait::never(what, wait::VIGIL, || {
            let event = self.since(mark).into_iter().find(|event| !event.is("armed"))?;
            Some(event.value.to_string())
        });
    }

    /// Waits until the watch is armed: from then on an edit is seen as an event.
    #[track_caller]
    pub(crate) fn armed(self) -> Self {
        self.wait_from(0, "armed", |event| event.is("armed"));
        self
    }

    /// Waits until nothing was said for a while.
    #[track_caller]
    pub(crate) fn settled(&self) {
        wait::until("nothing more happens", PATIENCE, || {
            let mark = self.mark();
            wait::pass(wait::VIGIL);
            (self.mark() == mark).then_some(())
        });
    }

    /// How many generations were started from position `mark` on.
    pub(crate) fn starts(&self, mark: usize) -> usize {
        self.since(mark).iter().filter(|event| matches!(event.name(), "starting" | "reloading")).count()
    }

    /// What `GET /health` says now.
    #[track_caller]
    pub(crate) fn health(&self) -> Health {
        http::health(self.address(), PATIENCE).unwrap_or_else(|error| {
            panic!("no health: {error:?}\n{:#?}\nstderr:\n{}", self.since(0), self.stderr())
        })
    }

    /// Standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The harness and everything that descends from it.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let mut all = process::tree(self.pid());
        all.extend(process::marked(&self.mark));
        all.sort();
        all.dedup();
        all
    }

    /// Sends a signal to the harness alone.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        process::signal(self.pid(), signal);
    }

    /// Waits for the end of the harness.
    #[track_caller]
    pub(crate) fn ended(&mut self, patience: Duration) -> ExitStatus {
        program::end_within(&mut self.child, patience)
            .unwrap_or_else(|| panic!("still running after {patience:?}:\n{}", self.stderr()))
    }

    /// SIGTERM, and the end that follows.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        self.ended(PATIENCE)
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        let started = self.processes();
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The product promises to leave nothing; a test that shows the contrary must not leave it either.
        process::end(started.iter().chain(&process::marked(&self.mark)));
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}
