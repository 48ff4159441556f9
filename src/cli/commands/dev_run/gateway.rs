//! The gateway of a run: started, waited for, and ended.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::cli::commands::timer;
use crate::config::Config;
use crate::harness::exec::Readiness;
use crate::harness::supervisor::plan::Planner;
use crate::onboarding::fresh_token;
use crate::platform::env;
use crate::platform::process::{ExitReport, Signal, piped, signal_group};
use crate::profile::{EnvMap, ProfilePaths, ProfileRequest, resolve, vars};
use crate::settings::{self, RunFlags, Secret};

/// How long it may take until it serves.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to end when it is asked to.
const END_LIMIT: Duration = Duration::from_secs(3);
/// How long its harness may take to end a program that is not ours and ignores everything.
const FOREIGN_END_LIMIT: Duration = Duration::from_secs(2);
/// How long it may take until it says what came of an edit.
const NOTICE_LIMIT: Duration = Duration::from_secs(10);
/// Lines that are kept of what it says.
const TAIL: usize = 40;

/// What it will run with, as far as the one who starts it has to know.
#[derive(Debug)]
pub(in crate::cli::commands) struct Prospect {
    pub(in crate::cli::commands) arguments: Vec<String>,
    pub(in crate::cli::commands) env: BTreeMap<String, String>,
    pub(in crate::cli::commands) paths: ProfilePaths,
    pub(in crate::cli::commands) token: Option<Secret>,
    pub(in crate::cli::commands) password: Option<Secret>,
    /// How long it may take to end, when it is somebody else's program: its harness gives it the time that it needs to
    /// get ready, and starts it again when it crashes.
    pub(in crate::cli::commands) foreign: Option<Duration>,
}

/// Whether a gateway without token and password gets a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli::commands) enum GiveSecret {
    WhenItHasNone,
    /// It is started as its fixture says.
    Never,
}

/// A gateway that serves.
#[derive(Debug)]
pub(in crate::cli::commands) struct Gateway {
    child: Child,
    pub(in crate::cli::commands) pid: Option<u32>,
    pub(in crate::cli::commands) url: String,
    /// The certificate that it shows, when it speaks TLS.
    pub(in crate::cli::commands) fingerprint: Option<String>,
    readers: Vec<JoinHandle<()>>,
    said: Tail,
    end_limit: Duration,
}

/// Why none serves.
#[derive(Debug)]
pub(in crate::cli::commands) struct NotReady {
    /// The exit code that says so.
    pub(in crate::cli::commands) code: u8,
    /// One line.
    pub(in crate::cli::commands) reason: String,
    /// What it said.
    pub(in crate::cli::commands) tail: Vec<String>,
}

/// The last lines of what it says.
#[derive(Debug, Clone, Default)]
struct Tail(Arc<Said>);

#[derive(Debug, Default)]
struct Said {
    lines: Mutex<VecDeque<String>>,
    /// How often one gateway has made room for the next.
    swaps: AtomicU64,
    news: Notify,
}

/// Tells when one gateway has made room for the next.
#[derive(Debug, Clone)]
pub(in crate::cli::commands) struct Swaps(Tail);

/// A line of its standard output: that it serves, or why it does not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    event: Option<String>,
    url: Option<String>,
    tls_fingerprint: Option<String>,
    message: Option<String>,
    error: Option<Refusal>,
}

/// Where it serves.
#[derive(Debug)]
struct Serving {
    url: String,
    fingerprint: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    message: String,
}

// === impl Prospect ===

impl Prospect {
    /// Looks ahead at what `arguments` will run in `env`, and gives it a token unless it has a secret of its own.
    pub(in crate::cli::commands) fn of(
        arguments: &[String],
        mut env: BTreeMap<String, String>,
        home: &Path,
        secret: GiveSecret,
        port: u16,
    ) -> Result<Self, String> {
        let (request, flags) = crate::cli::dispatch::gateway_run(arguments)
            .ok_or_else(|| format!("`clawdbot {}` runs no gateway", arguments.join(" ")))?;
        let request = ProfileRequest { working_dir: Some(home.to_owned()), ..request };
        let profile = resolve(&request, &EnvMap::new(env.clone()), Some(home.to_owned()))
            .map_err(|error| error.to_string())?;
        let known = secrets(profile.paths.clone(), profile.env.clone(), flags);
        let bare = matches!(known, Some((None, None)));
        let (mut token, password) = known.unwrap_or_default();
        if bare && secret == GiveSecret::WhenItHasNone {
            let fresh = fresh_token().map_err(|error| format!("failed to make a token: {error}"))?;
            env.insert(vars::GATEWAY_TOKEN.to_owned(), fresh.expose().to_owned());
            token = Some(fresh);
        }
        // The last one counts.
        let mut arguments = arguments.to_vec();
        arguments.extend(["--port", &port.to_string(), "--json"].map(str::to_owned));
        Ok(Self { arguments, env, paths: profile.paths, token, password, foreign: None })
    }

    /// Starts it, and waits until it serves.
    pub(in crate::cli::commands) async fn start(
        &self,
        image: &Path,
        home: &Path,
    ) -> Result<Gateway, NotReady> {
        let own = |reason: String| NotReady { code: super::outside::OWN_FAILURE, reason, tail: Vec::new() };
        // A command is looked for, and runs, where the person is.
        let here = env::working_dir().filter(|_| self.foreign.is_some());
        let end_limit = self.foreign.map_or(END_LIMIT, |limit| limit + FOREIGN_END_LIMIT);
        // The harness of a program that is not ours says when that takes too long.
        let limit = self.foreign.is_none().then(|| tokio::time::Instant::now() + READY_LIMIT);
        let mut child = piped(image, &self.arguments, &self.env, here.as_deref().unwrap_or(home))
            .map_err(|error| own(format!("failed to start the gateway: {error}")))?;
        let said = Tail::default();
        let (ready, served) = oneshot::channel();
        let mut readers = Vec::new();
        readers.extend(
            child.stdout.take().map(|output| tokio::spawn(follow(output, said.clone(), Some(ready)))),
        );
        readers.extend(child.stderr.take().map(|error| tokio::spawn(follow(error, said.clone(), None))));
        let answer = tokio::select! {
            answer = served => Some(answer),
            () = timer::at(limit) => None,
        };
        let reason = match answer {
            Some(Ok(Ok(Serving { url, fingerprint }))) => {
                let pid = child.id();
                return Ok(Gateway { child, pid, url, fingerprint, readers, said, end_limit });
            }
            Some(Ok(Err(message))) => {
                if self.foreign.is_some() {
                    // Its harness would try again.
                    signal_group(&child, Signal::TERM);
                }
                Some(message)
            }
            Some(Err(_)) => None,
            None => {
                signal_group(&child, Signal::KILL);
                Some(format!("it was not ready within {} seconds", READY_LIMIT.as_secs()))
            }
        };
        let status = child.wait().await.map(ExitReport::from).unwrap_or_default();
        for reader in readers {
            // What it started may hold its streams; the last words of it need not be waited for.
            let _ = tokio::time::timeout(Duration::from_millis(100), reader).await;
        }
        let code = status.code.and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0);
        Err(NotReady {
            code: code.unwrap_or(super::outside::OWN_FAILURE),
            reason: reason.unwrap_or_else(|| format!("it ended with {status}")),
            tail: said.lines(),
        })
    }
}

/// The secrets that the configuration, the environment, and the command line give it. Nothing when they cannot be
/// used: it will say so itself, and must not be given others.
fn secrets(paths: ProfilePaths, env: EnvMap, flags: RunFlags) -> Option<(Option<Secret>, Option<Secret>)> {
    let planner = Planner { paths, env, flags, command: None };
    let (env, snapshot) = planner.snapshot().ok()?;
    let config = Config::from_resolved(&snapshot.resolved);
    let settings = settings::resolve(&planner.flags, &env, &planner.paths, &config).ok()?;
    Some((settings.auth.token, settings.auth.password))
}

/// Reads lines to their end, so that whoever writes them never waits.
async fn follow(
    stream: impl AsyncRead + Unpin,
    tail: Tail,
    mut ready: Option<oneshot::Sender<Result<Serving, String>>>,
) {
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if ready.is_some()
            && let Ok(said) = serde_json::from_str::<State>(&line)
        {
            let answer = match said {
                State { event: Some(event), url: Some(url), tls_fingerprint, .. } if event == "ready" => {
                    Ok(Serving { url, fingerprint: tls_fingerprint })
                }
                State { event: Some(event), .. } if event == "ready" => {
                    Err("the command is no server, or does not say so".to_owned())
                }
                // Before anything serves, `kept` is about its build.
                State { event: Some(event), message: Some(message), .. }
                    if event == "crashed" || event == "kept" =>
                {
                    Err(message)
                }
                State { error: Some(error), .. } => Err(error.message),
                _ => continue,
            };
            if let Some(ready) = ready.take() {
                // Whoever waited may have given up.
                let _ = ready.send(answer);
            }
            continue;
        }
        if is_swap(&line) {
            tail.0.swaps.fetch_add(1, Ordering::Relaxed);
        }
        tail.push(line);
    }
}

/// Whether a line says that another generation serves, or another gateway of the same process.
fn is_swap(line: &str) -> bool {
    let is_reloaded = |said: State| said.event.as_deref() == Some("reloaded");
    line.starts_with("✓ restarted in ") || serde_json::from_str::<State>(line).is_ok_and(is_reloaded)
}

// === impl Swaps ===

impl Swaps {
    /// How many there have been.
    pub(in crate::cli::commands) fn count(&self) -> u64 {
        self.0.0.swaps.load(Ordering::Relaxed)
    }

    /// Resolves when there have been more than `count`.
    pub(in crate::cli::commands) async fn beyond(&self, count: u64) {
        while self.count() <= count {
            self.0.0.news.notified().await;
        }
    }
}

// === impl Gateway ===

impl Gateway {
    /// Its port.
    pub(in crate::cli::commands) fn port(&self) -> Option<u16> {
        self.url.trim_end_matches('/').rsplit_once(':')?.1.parse().ok()
    }

    /// Waits for its end. Cancel-safe.
    pub(in crate::cli::commands) async fn ended(&mut self) -> ExitReport {
        self.child.wait().await.map(ExitReport::from).unwrap_or_default()
    }

    /// Asks it to end, and waits for a while.
    pub(in crate::cli::commands) async fn stop(mut self) {
        signal_group(&self.child, Signal::TERM);
        if tokio::time::timeout(self.end_limit, self.child.wait()).await.is_err() {
            tracing::debug!("the gateway did not end in time");
        }
        self.readers.iter().for_each(JoinHandle::abort);
    }

    /// Has it make room for another one.
    pub(in crate::cli::commands) fn replace(&self) {
        signal_group(&self.child, Signal::USR1);
    }

    /// Tells when it has.
    pub(in crate::cli::commands) fn swaps(&self) -> Swaps {
        Swaps(self.said.clone())
    }

    /// What it said last on its standard streams.
    pub(in crate::cli::commands) fn tail(&self) -> Vec<String> {
        self.said.lines()
    }

    /// Whether it greets who connects, within a moment.
    pub(in crate::cli::commands) async fn greets(&self) -> bool {
        let Some(port) = self.port() else { return false };
        tokio::time::timeout(NOTICE_LIMIT, Readiness::Hello.wait(port)).await.is_ok()
    }

    /// Forgets what it said, and does `change`; which of `texts` it has not said about it in time.
    pub(in crate::cli::commands) async fn says_after<E>(
        &mut self,
        change: impl FnOnce() -> Result<(), E>,
        texts: &[String],
    ) -> Result<Vec<String>, E> {
        self.said.clear();
        change()?;
        let limit = tokio::time::Instant::now() + NOTICE_LIMIT;
        loop {
            let said = self.said.lines().join("\n");
            let unsaid: Vec<String> = texts.iter().filter(|text| !said.contains(*text)).cloned().collect();
            if unsaid.is_empty() {
                return Ok(unsaid);
            }
            tokio::select! {
                () = self.said.0.news.notified() => {}
                _ = self.child.wait() => return Ok(unsaid),
                () = timer::at(Some(limit)) => return Ok(unsaid),
            }
        }
    }
}

// === impl Tail ===

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == TAIL {
            lines.pop_front();
        }
        lines.push_back(line);
        // Kept for whoever looks next.
        self.0.news.notify_one();
    }

    fn clear(&self) {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn lines(&self) -> Vec<String> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
