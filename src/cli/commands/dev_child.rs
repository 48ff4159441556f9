//! `__dev-child`: a gateway generation under the harness. The adapter between `harness::ipc` and `gateway`, which
//! do not know each other.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::time::Instant;

use crate::cli::commands::fault;
use crate::cli::commands::timer::at;
use crate::config::Config;
use crate::gateway::{GatewayInit, Request, Running, Standby};
use crate::harness::ipc::{
    Apply, ChildEvent, IPC_VERSION, Prepare, Record, StartupSummary, SupervisorCommand,
};
use crate::logging::{self, Log, subsystem};
use crate::platform::{env, net, signals::Signals, stdio};
use crate::recording::Recording;
use crate::settings::{self, GatewaySettings, Refusal, RunFlags};

/// How long clients have to answer the goodbye.
const GRACE: Duration = Duration::from_millis(1500);
/// Exit code of a start that fails again until somebody changes something.
const REFUSED: u8 = 78;

type Commands = Lines<BufReader<Box<dyn AsyncRead + Unpin>>>;

/// Runs one generation from `Prepare` to its exit.
pub(crate) fn run(_arguments: &[OsString]) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(1, format!("failed to start the runtime: {error}")),
    };
    let code = runtime.block_on(serve());
    // A request that is still blocked on a disk must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

async fn serve() -> ExitCode {
    tell(&ChildEvent::Hello { ipc: IPC_VERSION, pid: std::process::id() });
    let mut commands: Commands = match stdio::stdin() {
        Ok(stdin) => BufReader::new(stdin).lines(),
        Err(error) => return failed(1, format!("failed to read commands: {error}")),
    };
    let Some(SupervisorCommand::Prepare(prepare)) = next(&mut commands).await else {
        return failed(1, "the first command was not `prepare`".to_owned());
    };
    let (generation, flags) = (prepare.generation, prepare.flags.clone());
    let settings = match resolve(&prepare) {
        Ok(settings) => settings,
        Err(refusal) => return failed(REFUSED, refusal.to_string()),
    };
    let log = logging::init(&settings.log);
    fault::at("prepare", generation).await;
    let standby = match standby(*prepare, settings).await {
        Ok(standby) => standby,
        Err((code, message)) => return failed(code, message),
    };
    tell(&ChildEvent::Ready);
    fault::at("ready", generation).await;
    match wait_for_activation(&standby, &mut commands).await {
        Activation::Granted => {}
        Activation::Unwanted => return ExitCode::SUCCESS,
    }
    fault::at("activate", generation).await;
    let running = match standby.activate().await {
        Ok(running) => running,
        Err(error) => return failed(REFUSED, error.to_string()),
    };
    let report = running.report();
    tell(&ChildEvent::Serving(StartupSummary {
        model: report.model,
        urls: report.urls,
        tls_fingerprint: report.tls_fingerprint,
        pid: report.pid,
    }));
    fault::at("serving", generation).await;
    until_the_end(running, commands, generation, &flags, &log).await
}

fn resolve(prepare: &Prepare) -> Result<GatewaySettings, Refusal> {
    let config = Config::from_resolved(&prepare.snapshot.resolved);
    settings::resolve(&prepare.flags, &prepare.env, &prepare.paths, &config)
}

/// Everything of a start that is not exclusive.
async fn standby(prepare: Prepare, settings: GatewaySettings) -> Result<Standby, (u8, String)> {
    let Prepare { generation, paths, env: environment, snapshot, .. } = prepare;
    let listeners = net::inherited(&env::read()).map_err(|error| (1, error.to_string()))?;
    let init = GatewayInit { paths, env: environment, snapshot, settings, listeners, generation };
    Standby::prepare(init).await.map_err(|error| (REFUSED, error.to_string()))
}

/// What the harness wants of a generation in standby.
enum Activation {
    Granted,
    Unwanted,
}

async fn wait_for_activation(standby: &Standby, commands: &mut Commands) -> Activation {
    loop {
        match next(commands).await {
            Some(SupervisorCommand::Activate) => return Activation::Granted,
            Some(SupervisorCommand::Ping { nonce }) => tell(&ChildEvent::Pong { nonce }),
            Some(SupervisorCommand::Record { record: Record::To(recording) }) => {
                standby.record_to(Some(&recording));
            }
            Some(SupervisorCommand::Record { record: Record::Nothing }) => standby.record_to(None),
            Some(
                SupervisorCommand::Prepare(_)
                | SupervisorCommand::Apply(_)
                | SupervisorCommand::Record { .. },
            ) => {}
            Some(SupervisorCommand::Drain { .. }) | None => return Activation::Unwanted,
        }
    }
}

async fn until_the_end(
    mut running: Running,
    mut commands: Commands,
    generation: u64,
    flags: &RunFlags,
    log: &Log,
) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return failed(1, format!("failed to receive signals: {error}")),
    };
    let mut asked: Option<Instant> = None;
    // One after the other, so that the last word counts.
    let mut recording = FuturesOrdered::<BoxFuture<'_, Recording>>::new();
    let restart_expected_ms = loop {
        tokio::select! {
            request = running.requested() => match request {
                Request::Recording => tell(&ChildEvent::Recording(running.recording())),
                Request::ApplyConfig { after } => {
                    let due = Instant::now() + after;
                    asked = Some(asked.map_or(due, |asked| asked.min(due)));
                }
            },
            Some(now) = recording.next() => tell(&ChildEvent::Recording(now)),
            () = at(asked) => {
                asked = None;
                tell(&ChildEvent::ReloadRequested);
            }
            command = next(&mut commands) => match command {
                Some(SupervisorCommand::Drain { restart_expected_ms }) => break restart_expected_ms,
                Some(SupervisorCommand::Ping { nonce }) => tell(&ChildEvent::Pong { nonce }),
                Some(SupervisorCommand::Record { record }) => recording.push_back(match record {
                    Record::Begin => running.begin_recording().boxed(),
                    Record::To(place) => running.record_to(Some(place)).boxed(),
                    Record::Nothing => running.record_to(None).boxed(),
                }),
                Some(SupervisorCommand::Apply(apply)) => take_over(&running, *apply, flags, log),
                Some(SupervisorCommand::Prepare(_) | SupervisorCommand::Activate) => {}
                // The harness is gone; whoever comes next needs the state, so nothing is dragged out.
                None => break None,
            },
            _ = signals.next() => break None,
        }
    };
    fault::at("drain", generation).await;
    running.quiesce().await;
    tell(&ChildEvent::Released);
    fault::at("released", generation).await;
    running.goodbye(restart_expected_ms, GRACE).await;
    ExitCode::SUCCESS
}

/// Another configuration without another generation. The harness resolved and guarded it before.
fn take_over(running: &Running, apply: Apply, flags: &RunFlags, log: &Log) {
    let Apply { env, snapshot } = apply;
    let config = Config::from_resolved(&snapshot.resolved);
    match settings::resolve(flags, &env, running.paths(), &config) {
        Ok(settings) => {
            log.apply(&settings.log);
            running.apply(env, snapshot, settings);
        }
        Err(refusal) => tracing::error!(%refusal, "failed to take a configuration over"),
    }
    tell(&ChildEvent::Applied);
}

/// The next command; `None` when the harness is gone. A line that is no command comes from another version and is
/// logged.
async fn next(commands: &mut Commands) -> Option<SupervisorCommand> {
    while let Ok(Some(line)) = commands.next_line().await {
        match serde_json::from_str(&line) {
            Ok(command) => return Some(command),
            Err(error) => tracing::warn!(%error, "unknown harness command"),
        }
    }
    None
}

/// Says it to the harness. If that is gone, the end of the commands says so too.
fn tell(event: &ChildEvent) {
    if let Ok(mut line) = serde_json::to_vec(event) {
        line.push(b'\n');
        if let Err(error) = stdio::write_out(&line) {
            tracing::debug!(%error, "the harness does not read");
        }
    }
}

fn failed(exit_code: u8, message: String) -> ExitCode {
    tracing::error!(target: subsystem::GATEWAY, fatal = true, "failed to start: {message}");
    tell(&ChildEvent::Failed { exit_code, message });
    ExitCode::from(exit_code)
}
