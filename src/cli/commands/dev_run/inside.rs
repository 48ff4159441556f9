//! Behind the keeper: the profile, the gateway, the command, and the exit code. Whatever is left of it when it ends
//! is the keeper's to end.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::process::Child;

use super::aftermath;
use super::events::Events;
use super::gateway::{Gateway, GiveSecret, NotReady, Prospect};
use super::outside::OWN_FAILURE;
use crate::capsule::{self, replay::Places};
use crate::cli::commands::{dev_replay, timer};
use crate::cli::output::{Printer, Style};
use crate::harness::ephemeral::profile::{self, Facts};
use crate::harness::ephemeral::{JOB_VARIABLE, Job, Task};
use crate::onboarding::fresh_token;
use crate::platform::process::{ExitReport, Signal, attached, signal_group};
use crate::platform::signals::{Passed, Passing};
use crate::platform::{env, exe};
use crate::profile::{EnvMap, ProfileName, vars};
use crate::settings::Secret;

/// Exit code of a command that took too long, as in timeout(1).
const TIMED_OUT: u8 = 124;
/// How long a command may take to end when its time is over.
const TIMEOUT_GRACE: Duration = Duration::from_secs(5);

/// Everything that one run is about.
pub(in crate::cli::commands) struct Run {
    pub(in crate::cli::commands) job: Arc<Job>,
    pub(in crate::cli::commands) outer: BTreeMap<String, String>,
    pub(super) events: Events,
    pub(in crate::cli::commands) signals: Passing,
    began: Instant,
}

/// How the command ended.
struct Outcome {
    code: u8,
    /// In a few words.
    text: String,
    timed_out: bool,
    /// Whether it ran at all: if not, the gateway has nothing to do with it.
    ran: bool,
}

/// Runs the job that the environment describes.
pub(crate) fn run() -> ExitCode {
    let mut outer = env::read();
    let job = outer.remove(JOB_VARIABLE).and_then(|text| serde_json::from_str::<Job>(&text).ok());
    let printer = Printer::new(Style::detect(&EnvMap::new(outer.clone()), false));
    let printer = match job.as_ref().map(|job| &job.task) {
        Some(Task::Verify(_)) => printer,
        Some(Task::Replay(replay)) if !replay.json => printer,
        // Standard output belongs to what is run.
        _ => printer.with_people_on_stderr(),
    };
    let Some(job) = job else {
        printer.error("clawdbot dev run starts this; it is of no use otherwise.");
        return ExitCode::from(2);
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("clawdbot dev run: failed to start the runtime: {error}"));
            return ExitCode::from(OWN_FAILURE);
        }
    };
    let code = runtime.block_on(async {
        let events = Events { printer, json: job.events };
        let signals = match Passing::listen() {
            Ok(signals) => signals,
            Err(error) => {
                events.trouble("failed", json!({}), &format!("failed to receive signals: {error}"), &[]);
                return OWN_FAILURE;
            }
        };
        Run { job: Arc::new(job), outer, events, signals, began: Instant::now() }.perform().await
    });
    // A copy on another thread is not waited for: its directory is about to be removed.
    runtime.shutdown_background();
    ExitCode::from(code)
}

// === impl Run ===

impl Run {
    async fn perform(mut self) -> u8 {
        let job = Arc::clone(&self.job);
        let code = match &job.task {
            Task::Replay(replay) => dev_replay::inside(replay, &mut self).await,
            _ => self.around().await,
        };
        if self.job.keep && self.job.directory.exists() {
            let directory = self.job.directory.display();
            let fields = json!({ "directory": self.job.directory });
            self.events.news("saved", fields, &format!("profile kept at {directory}"));
        }
        self.events.change("stopped", json!({ "exitCode": code }));
        code
    }

    /// Profile and gateway around the command.
    async fn around(&mut self) -> u8 {
        self.events.change("starting", json!({ "directory": self.job.directory }));
        let job = Arc::clone(&self.job);
        let made = tokio::task::spawn_blocking(move || make(&job));
        let home = tokio::select! {
            made = made => match made {
                Ok(Ok(home)) => home,
                Ok(Err(error)) => return self.failed(&error),
                Err(error) => return self.failed(&format!("failed to make the profile: {error}")),
            },
            signal = ending(&mut self.signals) => return signal.exit_code(),
        };
        let gateway_env = profile::gateway_env(&self.job, &self.outer, &home);
        let job = Arc::clone(&self.job);
        let command = match &job.task {
            Task::Command(command) => command,
            Task::Verify(name) => return self.verify(name, gateway_env, &home).await,
            Task::Gateway(arguments) => return self.gateway(arguments, gateway_env, &home).await,
            Task::Replay(_) => return self.failed("a replay makes its own profile"),
        };
        let prospect = match Prospect::of(&job.gateway, gateway_env, &home, GiveSecret::WhenItHasNone, 0) {
            Ok(prospect) => Prospect { foreign: job.foreign, ..prospect },
            Err(message) => return self.failed(&message),
        };
        let image = match exe::running_image() {
            Ok(image) => image,
            Err(error) => return self.failed(&format!("failed to find the program: {error}")),
        };
        let started = tokio::select! {
            started = prospect.start(&image, &home) => started,
            signal = ending(&mut self.signals) => return signal.exit_code(),
        };
        let gateway = match started {
            Ok(gateway) => gateway,
            Err(NotReady { code, reason, tail }) => {
                let fields = json!({ "message": reason, "tail": tail, "exitCode": code });
                let text = format!("the gateway did not start: {reason}");
                self.events.trouble("failed", fields, &text, &tail);
                self.save();
                return code;
            }
        };
        self.beside(command, gateway, &prospect).await
    }

    /// The command beside a gateway that serves.
    async fn beside(&mut self, command: &[String], mut gateway: Gateway, prospect: &Prospect) -> u8 {
        let paths = &prospect.paths;
        let Some(port) = gateway.port() else {
            return self.failed(&format!("the gateway serves at {}, which names no port", gateway.url));
        };
        self.events.change(
            "ready",
            json!({
                "pid": gateway.pid,
                "url": gateway.url,
                "port": port,
                "stateDir": paths.state_dir,
                "configPath": paths.config_path,
                "ms": { "total": self.began.elapsed().as_secs_f64() * 1000.0 },
            }),
        );
        let facts = Facts {
            url: &gateway.url,
            port,
            token: prospect.token.as_ref().map(Secret::expose),
            password: prospect.password.as_ref().map(Secret::expose),
            state_dir: &paths.state_dir,
            config_path: &paths.config_path,
            profile: paths.name.as_ref().map_or("default", ProfileName::as_str),
        };
        let env = profile::command_env(&self.job, &self.outer, &facts);
        let outcome = match attached(command, &env) {
            Ok(command) => self.watch(command, Some(&mut gateway)).await,
            Err(error) => not_started(command, &error),
        };
        let said = gateway.tail();
        gateway.stop().await;
        self.events.change("exited", json!({ "exitCode": outcome.code, "timedOut": outcome.timed_out }));
        if outcome.code != 0 {
            self.explain(&outcome, &paths.log_file, said);
            self.save();
        }
        outcome.code
    }

    /// A gateway in dev mode for a person, who is told how others reach it.
    async fn gateway(&mut self, arguments: &[String], mut env: BTreeMap<String, String>, home: &Path) -> u8 {
        let (token, image) = match (fresh_token(), exe::running_image()) {
            (Ok(token), Ok(image)) => (token, image),
            (Err(error), _) => return self.failed(&format!("failed to make a token: {error}")),
            (_, Err(error)) => return self.failed(&format!("failed to find the program: {error}")),
        };
        self.events.printer.tick(&format!("ephemeral home: {}", home.display()));
        // It opens nothing but this gateway, which lives as long as the terminal shows it.
        self.events.printer.tick(&format!("token: {}", token.expose()));
        env.insert(vars::GATEWAY_TOKEN.to_owned(), token.expose().to_owned());
        let image = image.to_string_lossy().into_owned();
        let command: Vec<String> = std::iter::once(image).chain(arguments.iter().cloned()).collect();
        match attached(&command, &env) {
            Ok(command) => self.watch(command, None).await.code,
            Err(error) => self.failed(&format!("failed to start the gateway: {error}")),
        }
    }

    /// Waits for the command; passes signals on to it, and ends it when its time is over.
    async fn watch(&mut self, mut command: Child, mut gateway: Option<&mut Gateway>) -> Outcome {
        self.events.change("running", json!({ "pid": command.id() }));
        let mut timed_out = false;
        let mut limit = self.job.timeout.map(|limit| tokio::time::Instant::now() + limit);
        loop {
            tokio::select! {
                status = command.wait() => {
                    let exit = status.map(ExitReport::from).unwrap_or_default();
                    return ended(exit, timed_out);
                }
                signal = self.signals.next() => signal_group(&command, signal.raw()),
                (exit, tail) = end_of(&mut gateway) => {
                    gateway = None;
                    let text = format!("the gateway ended while the command ran: {exit}");
                    self.events.trouble("crashed", json!({ "message": exit.to_string() }), &text, &tail);
                }
                () = timer::at(limit) => {
                    if timed_out {
                        signal_group(&command, Signal::KILL);
                        let _ = command.wait().await;
                        return ended(ExitReport::default(), true);
                    }
                    timed_out = true;
                    signal_group(&command, Signal::TERM);
                    limit = Some(tokio::time::Instant::now() + TIMEOUT_GRACE);
                }
            }
        }
    }

    /// Where people are told things.
    pub(in crate::cli::commands) fn printer(&self) -> &Printer {
        &self.events.printer
    }

    pub(super) fn failed(&self, message: &str) -> u8 {
        self.events.trouble("failed", json!({ "message": message, "exitCode": OWN_FAILURE }), message, &[]);
        OWN_FAILURE
    }

    /// Says how the command failed, with the end of the gateway's log.
    fn explain(&self, outcome: &Outcome, log: &Path, said: Vec<String>) {
        if self.events.json {
            return;
        }
        let mut tail = aftermath::log_tail(log);
        if tail.is_empty() {
            tail = said;
        }
        if !outcome.ran {
            tail.clear();
        }
        let after = if tail.is_empty() { "" } else { "; the last lines of the gateway's log:" };
        self.events.trouble("", json!({}), &format!("{}{after}", outcome.text), &tail);
    }

    /// Keeps a copy where one was asked for.
    fn save(&self) {
        let Some(artifacts) = &self.job.artifacts else { return };
        match aftermath::save(&self.job.directory, artifacts) {
            Ok(target) => {
                let text = format!("profile saved to {}", target.display());
                self.events.news("saved", json!({ "directory": target }), &text);
            }
            Err(error) => {
                self.events.trouble(
                    "failed",
                    json!({ "message": error.to_string() }),
                    &error.to_string(),
                    &[],
                );
            }
        }
    }
}

/// The profile of the job. One that comes from a capsule has the places of here in it afterwards.
fn make(job: &Job) -> Result<PathBuf, String> {
    let home = profile::make(job).map_err(|error| error.to_string())?;
    if job.fixture.as_ref().is_some_and(|fixture| fixture.expect.replay.is_some()) {
        let places = Places::of_home(&home.to_string_lossy());
        capsule::settle(&home, &places).map_err(|error| error.to_string())?;
    }
    Ok(home)
}

fn ended(exit: ExitReport, timed_out: bool) -> Outcome {
    if timed_out {
        return Outcome {
            code: TIMED_OUT,
            text: "the command took too long".to_owned(),
            timed_out,
            ran: true,
        };
    }
    let code = exit.shell_code().unwrap_or(OWN_FAILURE);
    Outcome { code, text: format!("the command ended with {exit}"), timed_out, ran: true }
}

/// A command that cannot be run, by the codes of the shell.
fn not_started(command: &[String], error: &io::Error) -> Outcome {
    let name = command.first().map_or("", String::as_str);
    let (code, text) = match error.kind() {
        ErrorKind::NotFound => (127, format!("command not found: {name}")),
        _ => (126, format!("command cannot be executed: {name}: {error}")),
    };
    Outcome { code, text, timed_out: false, ran: false }
}

/// The next signal that asks for the end.
pub(in crate::cli::commands) async fn ending(signals: &mut Passing) -> Passed {
    loop {
        let signal = signals.next().await;
        if signal.ends() {
            return signal;
        }
    }
}

/// Waits for the end of the gateway, if there is one; how it ended, and its last words.
async fn end_of(gateway: &mut Option<&mut Gateway>) -> (ExitReport, Vec<String>) {
    match gateway {
        Some(gateway) => (gateway.ended().await, gateway.tail()),
        None => std::future::pending().await,
    }
}
