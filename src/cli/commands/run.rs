//! `clawdbot gateway`: the gateway in the foreground.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::cli::error::ExpectedError;
use crate::cli::output::{Printer, holder, listen, startup};
use crate::config::{self, Config, ConfigSnapshot, Outcome};
use crate::gateway::{GatewayInit, Standby, StartError};
use crate::logging::{self, LogOptions};
use crate::platform::lock::{Attempt, try_lock};
use crate::platform::net;
use crate::platform::ports;
use crate::platform::signals::{Signal, Signals};
use crate::profile::{EnvMap, ProfilePaths, ResolvedProfile};
use crate::settings::{self, BindMode, BindPlan, GatewaySettings, InterfaceAddress, RunFlags, TailscaleMode};

/// How long clients have to answer the goodbye.
const GRACE: Duration = Duration::from_millis(1500);

/// How long jobs on other threads are waited for at the end.
const LAST_JOBS: Duration = Duration::from_millis(100);

/// Runs the gateway until it is told to stop.
pub(crate) fn run(
    flags: &RunFlags,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    let env = environment(profile)?;
    let snapshot = read_config(paths, &env)?;
    let config = Config::from_resolved(&snapshot.resolved);
    let settings = settings::resolve(flags, &env, paths, &config)?;
    settings::guard(&settings, flags.allow_unconfigured, &config, &snapshot, paths)?;
    if settings.tailscale != TailscaleMode::Off {
        printer.error("gateway.tailscale.mode is set, but this version does not talk to Tailscale yet.");
    }

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to start the runtime: {error}")))?;
    let listeners = listeners(&settings, paths, printer)?;
    let _log = logging::init(LogOptions {
        file: Some(paths.log_file.clone()),
        level: settings::log_level(flags, &config).into(),
        stderr: settings::stderr_level(flags).into(),
    });
    let init = GatewayInit { paths: paths.clone(), env, snapshot, settings, listeners, generation: 1 };
    let result = runtime.block_on(serve(init, paths, printer));
    // A job on another thread may hang on a dead file system; nothing that matters runs there any more.
    runtime.shutdown_timeout(LAST_JOBS);
    result
}

/// The environment with the profile's `.env` below it.
fn environment(profile: &ResolvedProfile) -> Result<EnvMap, ExpectedError> {
    let path = &profile.paths.dotenv;
    let refused = |problem: String| {
        ExpectedError::Refused(format!("Cannot use {}: {problem}.", profile.paths.display(path)))
    };
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(profile.env.clone()),
        text => text.map_err(|error| refused(error.to_string()))?,
    };
    let mut env = profile.env.clone();
    for (name, value) in config::dotenv(&text).map_err(|issue| refused(issue.to_string()))? {
        env.set_default(&name, &value);
    }
    Ok(env)
}

/// A missing configuration is not refused here: `guard` knows when it matters.
fn read_config(paths: &ProfilePaths, env: &EnvMap) -> Result<ConfigSnapshot, ExpectedError> {
    let snapshot = config::load(&paths.config_path, env);
    match &snapshot.outcome {
        Outcome::Valid | Outcome::Missing => Ok(snapshot),
        Outcome::Invalid(issues) => {
            Err(ExpectedError::Refused(config::render(issues, &paths.home).trim_end().to_owned()))
        }
    }
}

/// Binds what the plan says. With port 0 the system chooses one port, and every address gets that.
fn listeners(
    settings: &GatewaySettings,
    paths: &ProfilePaths,
    printer: &Printer,
) -> Result<Vec<TcpListener>, ExpectedError> {
    let machine = if settings.bind == BindMode::Loopback { Vec::new() } else { machine()? };
    let plan = BindPlan::new(settings, &machine)?;
    if let Some(note) = plan.note {
        printer.error(note);
    }
    let mut bound: Vec<TcpListener> = Vec::new();
    let mut port = settings.port;
    for planned in plan.addresses {
        let address = SocketAddr::new(planned.address, port);
        match net::bind(address) {
            Ok(listener) => {
                port = listener.local_addr().map_or(port, |address| address.port());
                bound.push(listener);
            }
            Err(error) if planned.required => return Err(not_bound(address, &error, paths)),
            // Somebody else answers there, also to those who say `localhost`.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                printer.error(&listen::failed(address, &error, &ports::holders(port)));
            }
            // Machines without IPv6 are ordinary.
            Err(_) if planned.address.is_loopback() => {}
            Err(error) => printer.error(&listen::failed(address, &error, &[])),
        }
    }
    Ok(bound)
}

fn machine() -> Result<Vec<InterfaceAddress>, ExpectedError> {
    let interfaces = net::interfaces().map_err(|error| {
        ExpectedError::Failed(format!("Error: failed to list network interfaces: {error}"))
    })?;
    let address =
        |interface: net::Interface| InterfaceAddress { address: interface.address, up: interface.up };
    Ok(interfaces.into_iter().map(address).collect())
}

/// A taken port is usually taken by this profile's own gateway, which is the better thing to say.
fn not_bound(address: SocketAddr, error: &io::Error, paths: &ProfilePaths) -> ExpectedError {
    if error.kind() == io::ErrorKind::AddrInUse
        && paths.state_dir.is_dir()
        && let Ok(Attempt::Busy(holder)) = try_lock(&paths.gateway_lock)
    {
        return already_running(&holder);
    }
    let holders =
        if error.kind() == io::ErrorKind::AddrInUse { ports::holders(address.port()) } else { Vec::new() };
    ExpectedError::Refused(listen::failed(address, error, &holders))
}

/// `lock` is what the running gateway wrote into its lock.
fn already_running(lock: &str) -> ExpectedError {
    let facts = holder::facts(lock, &TimeZone::system());
    let facts = if facts.is_empty() { facts } else { format!(" ({facts})") };
    ExpectedError::Refused(format!(
        "Gateway already running locally{facts}\n\
         Stop it, or run this one under another profile: clawdbot --profile NAME gateway"
    ))
}

async fn serve(
    init: GatewayInit,
    paths: &ProfilePaths,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    // From here on a signal means a drain, also while the gateway starts.
    let mut signals = Signals::listen()
        .map_err(|error| ExpectedError::Failed(format!("Error: failed to receive signals: {error}")))?;
    let standby = Standby::prepare(init).await.map_err(not_started)?;
    let mut running = standby.activate().await.map_err(not_started)?;
    let report = running.report();
    let fingerprint = report.tls_fingerprint.as_deref();
    for line in
        startup::started(&report.model, &report.urls, fingerprint, report.pid, &report.log_file, paths)
    {
        printer.tick(&line);
    }
    stop(&mut signals).await;
    let drain = async move {
        running.quiesce().await;
        running.goodbye(None, GRACE).await;
    };
    tokio::select! {
        () = drain => Ok(ExitCode::SUCCESS),
        number = stop(&mut signals) => Err(ExpectedError::Interrupted(number)),
    }
}

/// Waits for a signal that ends a program in the foreground; its number.
async fn stop(signals: &mut Signals) -> u8 {
    loop {
        match signals.next().await {
            Signal::Interrupt => return 2,
            Signal::Terminate => return 15,
            // The terminal is gone.
            Signal::Hangup => return 1,
            Signal::User1 => {}
        }
    }
}

fn not_started(error: StartError) -> ExpectedError {
    match error {
        StartError::Locked(holder) => already_running(&holder),
        error => ExpectedError::Refused(format!("Error: {error}")),
    }
}
