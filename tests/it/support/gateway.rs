//! A foreground gateway that reloads itself: started like by a person or a service manager, with every line that it
//! prints, and proof that nothing is left of it.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::home::Home;
use super::http::{self, Health};
use super::process;
use super::program::{self, BINARY};
use super::wait::{self, PATIENCE};
use super::wire::{Credentials, Wire};

/// How to start a gateway.
#[derive(Debug)]
#[must_use = "nothing runs before `start`"]
pub(crate) struct Launch {
    program: PathBuf,
    home: PathBuf,
    before: Vec<OsString>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// A gateway that runs. Killed when dropped, with everything that descends from it.
#[derive(Debug)]
pub(crate) struct Gateway {
    child: Child,
    lines: Lines,
    readers: Vec<JoinHandle<()>>,
    home: PathBuf,
    mark: String,
}

/// `gateway --port 0`, with the default profile of `home`.
pub(crate) fn in_home(home: &Home) -> Launch {
    Launch {
        program: PathBuf::from(BINARY),
        home: home.path().to_owned(),
        before: Vec::new(),
        arguments: ["gateway", "--port", "0"].map(str::to_owned).to_vec(),
        environment: Vec::new(),
    }
}

/// Writes the configuration of the default profile.
pub(crate) fn configure(home: &Home, text: &str) -> PathBuf {
    home.write(".clawdbot/clawdbot.json", text)
}

/// A configuration whose gateway acts at once, with these members of `gateway` and of the document besides.
pub(crate) fn prompt(gateway: &str, more: &str) -> String {
    format!("{{\n  gateway: {{ mode: 'local', reload: {{ debounceMs: 0 }}, {gateway} }},\n  {more}\n}}\n")
}

impl Launch {
    /// Another binary.
    pub(crate) fn binary(mut self, binary: &Path) -> Self {
        binary.clone_into(&mut self.program);
        self
    }

    /// No `--port`: the configuration decides.
    pub(crate) fn without_port(mut self) -> Self {
        self.arguments.retain(|argument| argument != "--port" && argument != "0");
        self
    }

    /// One more argument.
    pub(crate) fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// One more variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it by way of another program, which is given the binary and its arguments and must `exec` them.
    pub(crate) fn through(mut self, program: &str, arguments: &[&str]) -> Self {
        let binary = std::mem::replace(&mut self.program, PathBuf::from(program));
        self.before = arguments.iter().map(OsString::from).collect();
        self.before.push(binary.into());
        self
    }

    /// Starts it, and waits for nothing.
    pub(crate) fn spawn(self) -> Gateway {
        self.spawn_with(|_| {})
    }

    /// The same with a last word about the command.
    pub(crate) fn spawn_with(self, adjust: impl FnOnce(&mut Command)) -> Gateway {
        let mark = program::fresh_mark();
        let mut command = program::command(&self.program, &self.home, &mark);
        command.args(self.before).args(self.arguments).envs(self.environment);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        adjust(&mut command);
        let mut child = command.spawn().expect("the gateway starts");
        let lines = Lines::default();
        let stdout = child.stdout.take().map(|pipe| lines.read(pipe));
        let readers = stdout.into_iter().chain(child.stderr.take().map(|pipe| lines.read(pipe))).collect();
        Gateway { child, lines, readers, home: self.home, mark }
    }

    /// Starts it, and waits until it serves.
    #[track_caller]
    pub(crate) fn start(self) -> Gateway {
        let gateway = self.spawn();
        gateway.serving();
        gateway
    }
}

impl Gateway {
    /// Waits for the last line of the start.
    #[track_caller]
    pub(crate) fn serving(&self) {
        self.line(0, "✓ log file: ");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where the first listener is, as the runtime file says now.
    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        let url = self.runtime()["url"].as_str().expect("url").to_owned();
        url.rsplit_once('/').and_then(|(_, host)| host.parse().ok()).unwrap_or_else(|| panic!("{url}"))
    }

    /// `gateway.json`.
    #[track_caller]
    pub(crate) fn runtime(&self) -> Value {
        let path = self.home.join(".clawdbot/gateway.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The log file.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.home.join(".clawdbot/logs/gateway.log")).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn health(&self) -> Health {
        http::health(self.address(), PATIENCE).unwrap_or_else(|error| panic!("{error:?}\n{}", self.told()))
    }

    /// A client that has said hello, with the right token.
    #[track_caller]
    pub(crate) fn client(&self, token: &str) -> Wire {
        let credentials = Credentials::Token(token.to_owned());
        Wire::hello(self.address(), &credentials).unwrap_or_else(|error| panic!("{error}\n{}", self.told())).0
    }

    /// How many lines there are; a position for the functions below.
    pub(crate) fn mark(&self) -> usize {
        self.lines.lock().lines.len()
    }

    /// All lines from position `mark`, of both streams.
    pub(crate) fn since(&self, mark: usize) -> Vec<String> {
        self.lines.lock().lines[mark..].to_vec()
    }

    /// The first line from position `mark` that begins like this.
    #[track_caller]
    pub(crate) fn line(&self, mark: usize, beginning: &str) -> String {
        self.lines
            .wait(mark, PATIENCE, |line| line.starts_with(beginning))
            .unwrap_or_else(|why| panic!("no line {beginning:?} from {mark}: {why}\n{}", self.log()))
    }

    /// Waits until a line from position `mark` has this in it.
    #[track_caller]
    pub(crate) fn says(&self, mark: usize, part: &str) {
        let found = self.lines.wait(mark, PATIENCE, |line| line.contains(part));
        assert!(found.is_ok(), "nothing about {part:?} from {mark}: {}", found.unwrap_or_default());
    }

    /// Waits for the line that tells the end of a reload or restart; checks what follows the time that it took.
    #[track_caller]
    pub(crate) fn took(&self, mark: usize, what: &str, why: &str) -> u64 {
        let line = self.line(mark, &format!("✓ {what} in "));
        let expected = format!("ms ({why}) (PID {})", self.pid());
        let time = line.strip_prefix(&format!("✓ {what} in ")).and_then(|rest| rest.strip_suffix(&expected));
        let time = time.unwrap_or_else(|| panic!("{line:?} does not end with {expected:?}"));
        time.parse().unwrap_or_else(|_| panic!("{line:?}"))
    }

    /// Waits for `✗ kept the running gateway`, and for the reasons on the other stream.
    #[track_caller]
    pub(crate) fn kept(&self, mark: usize, reasons: &[&str]) {
        self.line(mark, &format!("✗ kept the running gateway (PID {})", self.pid()));
        for reason in reasons {
            self.says(mark, reason);
        }
    }

    /// Checks that nothing is said for a while.
    #[track_caller]
    pub(crate) fn silent(&self, mark: usize, after: &str) {
        wait::never(after, wait::VIGIL, || self.lines.lock().lines[mark..].first().cloned());
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // The child may be a wrapper that has become the gateway; its pid is the same.
        kill_process(Pid::from_child(&self.child), signal).expect("signal");
    }

    /// Waits for the end, and checks that nothing is left.
    #[track_caller]
    pub(crate) fn ended(&mut self, patience: Duration) -> ExitStatus {
        let status = program::end_within(&mut self.child, patience);
        let status = status.unwrap_or_else(|| panic!("still running after {patience:?}\n{}", self.told()));
        self.readers.drain(..).for_each(|reader| reader.join().expect("reader"));
        let left = process::marked(&self.mark);
        assert!(left.is_empty(), "left behind: {left:?}");
        status
    }

    /// SIGTERM, and a clean end.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        self.signal(Signal::TERM);
        let status = self.ended(PATIENCE);
        assert_eq!(status.code(), Some(0), "{}", self.told());
        assert!(!self.home.join(".clawdbot/gateway.json").exists(), "the runtime file is left");
    }

    /// Every line so far.
    pub(crate) fn told(&self) -> String {
        self.since(0).join("\n")
    }

    /// Its home.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        process::end(&process::marked(&self.mark));
    }
}

/// Lines of both streams, in the order of their arrival.
#[derive(Debug, Clone, Default)]
struct Lines {
    shared: Arc<(Mutex<Told>, Condvar)>,
}

#[derive(Debug, Default)]
struct Told {
    lines: Vec<String>,
    open: usize,
}

impl Lines {
    fn read(&self, pipe: impl Read + Send + 'static) -> JoinHandle<()> {
        let sink = self.clone();
        sink.lock().open += 1;
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                sink.lock().lines.push(line);
                sink.shared.1.notify_all();
            }
            sink.lock().open -= 1;
            sink.shared.1.notify_all();
        })
    }

    fn wait(&self, mark: usize, patience: Duration, wanted: impl Fn(&str) -> bool) -> Result<String, String> {
        let deadline = Instant::now() + patience;
        let mut told = self.lock();
        loop {
            if let Some(found) = told.lines[mark..].iter().find(|line| wanted(line)) {
                return Ok(found.clone());
            }
            let rest = deadline.saturating_duration_since(Instant::now());
            if told.open == 0 || rest.is_zero() {
                let why = if told.open == 0 { "it has ended" } else { "time is over" };
                return Err(format!("{why}; lines so far:\n{}", told.lines.join("\n")));
            }
            told = self.shared.1.wait_timeout(told, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
