//! The life of `gateway --dev`: lock, reset, seed, first plan, then supervision until a signal ends it.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;

use super::presenter::{Presenter, now_ms};
use super::screen::{self, Line};
use super::{command, inputs};
use crate::cli::args::{EventsFormat, ExecArgs};
use crate::cli::commands::{agent_logs, force, instance, recording, state_dir};
use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, startup};
use crate::config::{Config, Outcome};
use crate::harness::exec::ExecSpec;
use crate::harness::supervisor::driver::{Driver, Executables, Inputs, Supervised};
use crate::harness::supervisor::edits::Edits;
use crate::harness::supervisor::notice::Notice;
use crate::harness::supervisor::plan::{Planner, Problem};
use crate::harness::supervisor::state::Limits;
use crate::harness::{Escape, WORKSPACE_FILES, check_isolation, seed};
use crate::platform::fs::Stamp;
use crate::platform::lock::{self, Attempt, Lock};
use crate::platform::{atomic, exe};
use crate::profile::{EnvMap, ProfilePaths, ResolvedProfile};
use crate::recording::Facts;
use crate::removal::{self, Request, Wanted};
use crate::settings::{RunFlags, configured_workspace};
use crate::watch::{self, Fingerprint, Loaded, WatchSpec};

/// What the command line said to the harness.
#[derive(Debug)]
pub(crate) struct DevArgs {
    /// What the gateway runs with.
    pub(crate) flags: RunFlags,
    /// Where what models stream is kept, if it is asked for.
    pub(crate) raw_stream: Option<PathBuf>,
    /// `--reset`.
    pub(crate) reset: bool,
    /// `--yes`.
    pub(crate) yes: bool,
    /// `--watch PATH`, absolute.
    pub(crate) watch: Vec<PathBuf>,
    /// `--ignore GLOB`.
    pub(crate) ignore: Vec<String>,
    /// `--ext EXT`.
    pub(crate) extensions: Vec<String>,
    /// `--debounce TIME`.
    pub(crate) debounce: Option<Duration>,
    /// `--no-watch`.
    pub(crate) no_watch: bool,
    /// `--exec CMD` and what belongs to it.
    pub(crate) exec: ExecArgs,
    /// Where a command runs.
    pub(crate) working_dir: PathBuf,
    /// `--events FORMAT`.
    pub(crate) events: Option<EventsFormat>,
}

/// Runs the harness until it is told to stop.
pub(crate) fn run(
    args: DevArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    let command = command::spec(args.exec.clone(), &args.working_dir, args.events.is_some());
    let planner = Planner {
        paths: paths.clone(),
        env: profile.env.clone(),
        flags: args.flags.clone(),
        command: command.clone(),
    };
    let configured = configured_workspace_of(&planner);
    let escape = |error: Escape| ExpectedError::Refused(sentence(&error.to_string()));
    // Before the lock: it is a file too, and must not be made in a foreign directory.
    check_isolation(paths, configured.as_deref().unwrap_or(&paths.default_workspace)).map_err(escape)?;
    prepare_state_dir(paths)?;
    let mut lock = match lock_or_holder(paths)? {
        Ok(lock) => lock,
        // `--reset` goes with nobody's harness.
        Err(holder) if args.flags.force && !args.reset => {
            replace_harness(&planner, &holder, printer)?;
            take_lock(paths)?
        }
        Err(holder) => return Err(ExpectedError::Refused(busy(&holder, paths))),
    };
    let workspace = if args.reset {
        // What names the workspace has to be readable before anything is removed.
        planner.snapshot().map_err(|problem| refused(&problem, paths))?;
        remove(&args, profile, configured.as_deref(), &lock, printer)?;
        paths.default_workspace.clone()
    } else {
        refuse_unusable(&planner)?;
        configured.unwrap_or_else(|| paths.default_workspace.clone())
    };
    let seeded =
        seed(paths, &workspace).map_err(|error| ExpectedError::Refused(sentence(&error.to_string())))?;
    for line in startup::seeded(&seeded, paths) {
        printer.tick(&line);
    }
    agent_logs::prepare(&args.flags, args.raw_stream.as_deref(), paths, printer)?;
    if args.flags.force {
        free_port(&planner, None, printer)?;
    }
    let started = Stamp::now();
    let known = known_files(&seeded.workspace);
    let mut edits = Edits::new(planner);
    let plan = edits.reread().map_err(|problem| refused(&problem, paths))?;
    describe_holder(&mut lock, plan.listeners.bound_port());
    let no_program = |error| ExpectedError::Failed(format!("failed to find the program: {error}"));
    let kind = if command.is_some() { "command" } else { "gateway" };
    let (supervised, executable, limits) = supervised(command, &plan.env).map_err(no_program)?;
    let keeper = exe::running_image().map_err(no_program)?;

    let watched = [args.watch.as_slice(), std::slice::from_ref(&plan.settings.workspace)].concat();
    let facts = || Facts::of(paths, &plan.settings, &plan.snapshot, &plan.env, &args.flags.typed);
    // Held as long as the harness runs, whichever generation records.
    let recording = recording::begin(&args.flags, &watched, facts, paths, printer)?;
    edits.record_to(recording.as_ref().map(|recording| recording.path().to_owned()));
    let spec = WatchSpec {
        config_files: plan.snapshot.files.clone(),
        dotenv: paths.dotenv.clone(),
        executable,
        workspace: Some(plan.settings.workspace.clone()),
        extra: args.watch,
        ignore: args.ignore,
        extensions: args.extensions,
        quiet: args.debounce,
        state_dir: paths.state_dir.clone(),
        started,
        known,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ExpectedError::Failed(format!("failed to start the runtime: {error}")))?;
    let (detached, finish) = printer
        .detached()
        .map_err(|error| ExpectedError::Failed(format!("failed to start the output: {error}")))?;
    let printer = &detached;
    let mut presenter =
        Presenter::new(printer, paths, args.events.is_some(), &plan.settings, kind, args.exec.clear);
    let code = runtime.block_on(async {
        let (requests, receiver) = mpsc::channel(16);
        let sources = inputs::Sources::open()?;
        let (edit_sender, seen) = mpsc::channel(16);
        let seen = if args.no_watch { inputs::unseen(seen) } else { seen };
        let watch = watch::start(spec, edit_sender)
            .map_err(|error| ExpectedError::Usage(format!("failed to {error}")))?;
        let driver = Driver::new(plan, edits, watch, Executables { supervised, keeper }, limits)
            .map_err(|error| ExpectedError::Failed(format!("failed to supervise processes: {error}")))?;
        let mut show = |notice: &Notice, tail: &[String]| presenter.show(notice, tail);
        let supervision = driver.run(Inputs { requests: receiver, edits: seen }, &mut show);
        tokio::select! {
            code = supervision => Ok::<u8, ExpectedError>(code),
            // The driver holds the receiver, so requests are followed as long as it runs.
            () = inputs::follow(sources, requests, printer) => Ok(1),
        }
    })?;
    remove_runtime_file(paths, presenter.served);
    drop((recording, lock, finish));
    Ok(ExitCode::from(code))
}

/// What is supervised, the program that is watched for it, and its time limits.
fn supervised(
    command: Option<Arc<ExecSpec>>,
    env: &EnvMap,
) -> io::Result<(Supervised, Option<PathBuf>, Limits)> {
    let Some(command) = command else {
        let program = exe::current()?;
        return Ok((Supervised::Gateway(program.clone()), Some(program), Limits::default()));
    };
    // One that is missing now is told when it is started.
    let program = command.find(command.command.program(), env).ok();
    let limits = command.limits();
    Ok((Supervised::Command(command), program, limits))
}

/// The workspace that the configuration names, as far as there is a configuration that can be used.
fn configured_workspace_of(planner: &Planner) -> Option<PathBuf> {
    let (_, snapshot) = planner.snapshot().ok()?;
    (snapshot.outcome == Outcome::Valid)
        .then(|| configured_workspace(&Config::from_resolved(&snapshot.resolved), &planner.paths))?
}

/// Nothing is created beside a configuration that has to be mended first. A missing one is about to be created.
fn refuse_unusable(planner: &Planner) -> Result<(), ExpectedError> {
    match planner.read() {
        Ok(_) | Err(Problem::Missing(_)) => Ok(()),
        Err(problem) => Err(refused(&problem, &planner.paths)),
    }
}

/// `--reset`, with one line for each part that it removed.
fn remove(
    args: &DevArgs,
    profile: &ResolvedProfile,
    configured_workspace: Option<&Path>,
    lock: &Lock,
    printer: &Printer,
) -> Result<(), ExpectedError> {
    let request = Request {
        paths: &profile.paths,
        env: &profile.env,
        wanted: Wanted { config: true, records: true, workspaces: true, ..Wanted::NOTHING },
        workspaces: configured_workspace.map(Path::to_owned).into_iter().collect(),
        discard_unsaved: args.yes,
        discard_flag: "--yes",
        harness_lock: Some(lock),
    };
    let report =
        removal::remove(&request).map_err(|error| ExpectedError::Refused(sentence(&error.to_string())))?;
    for line in startup::reset(&report, &profile.paths) {
        printer.tick(&line);
    }
    Ok(())
}

/// Makes a sentence of an error's fragment.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if fragment.ends_with(['.', '!', '?', '`']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

fn prepare_state_dir(paths: &ProfilePaths) -> Result<(), ExpectedError> {
    atomic::private_directory(&paths.state_dir)
        .map_err(|error| state_dir::unusable(paths.display(&paths.state_dir), &error))
}

/// One harness per profile. The refusal names the one that runs and how to stop it.
fn take_lock(paths: &ProfilePaths) -> Result<Lock, ExpectedError> {
    lock_or_holder(paths)?.map_err(|holder| ExpectedError::Refused(busy(&holder, paths)))
}

/// The lock, or what the harness that holds it wrote about itself.
fn lock_or_holder(paths: &ProfilePaths) -> Result<Result<Lock, String>, ExpectedError> {
    let attempt = lock::try_lock(&paths.harness_lock)
        .map_err(|error| state_dir::unusable(paths.display(&paths.harness_lock), &error))?;
    match attempt {
        Attempt::Held(mut lock) => {
            // At once, so that nobody reads who held it before.
            describe_holder(&mut lock, None);
            Ok(Ok(lock))
        }
        Attempt::Busy(holder) => Ok(Err(holder)),
    }
}

/// `--force` where another harness runs on the profile: it is ended when the port is its own, and nothing else
/// stands against this start.
fn replace_harness(planner: &Planner, holder: &str, printer: &Printer) -> Result<(), ExpectedError> {
    let refused = || ExpectedError::Refused(busy(holder, &planner.paths));
    // One that is just starting has not said who it is, and may not listen yet.
    instance::pid(holder).ok_or_else(refused)?;
    free_port(planner, Some(&planner.paths.harness_lock), printer)
}

/// `--force`. What is asked for is read once more, because what was read before is not kept.
fn free_port(planner: &Planner, lock: Option<&Path>, printer: &Printer) -> Result<(), ExpectedError> {
    let paths = &planner.paths;
    let reading = planner.read().map_err(|problem| refused(&problem, paths))?;
    let port = reading.settings.port;
    let addresses: Vec<SocketAddr> =
        reading.bind.addresses.iter().map(|planned| SocketAddr::new(planned.address, port)).collect();
    force::free_port(&addresses, lock, |holder| ExpectedError::Refused(busy(holder, paths)), printer)
}

fn busy(holder: &str, paths: &ProfilePaths) -> String {
    let holder: serde_json::Value = serde_json::from_str(holder).unwrap_or(serde_json::Value::Null);
    let field = |name: &str| holder.get(name).and_then(serde_json::Value::as_u64);
    let name = paths.name.as_ref().map_or("default", |name| name.as_str());
    let first = format!("A development harness already runs on profile {name}");
    // The holder writes who it is a few milliseconds after it took the lock.
    let Some(pid) = field("pid") else {
        return format!("{first}.\nIt is just starting; try again in a moment.");
    };
    let mut facts = format!("pid {pid}");
    facts.extend(field("port").map(|port| format!(", port {port}")));
    facts.extend(field("startedAtMs").and_then(local_time).map(|time| format!(", since {time}")));
    format!(
        "{first} ({facts}).\nStop it with Ctrl-C in its terminal or `kill {pid}`, or use another profile: \
         `clawdbot --profile NAME gateway`."
    )
}

fn local_time(milliseconds: u64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// Writes into the lock what a second harness will say about this one. It is for people, so a full disk does not
/// prevent a start.
fn describe_holder(lock: &mut Lock, port: Option<u16>) {
    let facts = json!({ "pid": std::process::id(), "startedAtMs": now_ms(), "port": port });
    if let Err(error) = lock.write(&facts.to_string()) {
        tracing::warn!(%error, "failed to write who holds the harness lock");
    }
}

/// What the first generation will load, hashed before it does.
fn known_files(workspace: &Path) -> Vec<Loaded> {
    WORKSPACE_FILES
        .iter()
        .map(|name| workspace.join(name))
        .filter_map(|path| Fingerprint::read(&path).ok().map(|content| Loaded { path, content }))
        .collect()
}

fn refused(problem: &Problem, paths: &ProfilePaths) -> ExpectedError {
    let lines = screen::problem_lines(problem, &paths.home);
    let text: Vec<&str> = lines
        .iter()
        .map(|line| match line {
            Line::Done(text) | Line::Failed(text) | Line::Detail(text) => text.as_str(),
        })
        .collect();
    ExpectedError::Refused(text.join("\n"))
}

/// A generation that was killed leaves the file by which clients find it.
fn remove_runtime_file(paths: &ProfilePaths, served: Option<u32>) {
    let pid = std::fs::read(&paths.runtime_file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok())
        .and_then(|facts| facts.get("pid").and_then(serde_json::Value::as_u64));
    if pid.is_some()
        && pid == served.map(u64::from)
        && let Err(error) = std::fs::remove_file(&paths.runtime_file)
    {
        tracing::warn!(%error, "failed to remove the runtime file");
    }
}
