//! Everything that is shown, found out at once, and none of it for longer than `--timeout`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::manager;
use super::{log, process};
use crate::cli::args::StatusArgs;
use crate::cli::commands::reach::{Known, brief, hint, stranger};
use crate::cli::output::gateway_status::{ConfigFile, Manager, Port, Probe, Report};
use crate::client::ClientError;
use crate::client::target::{Target, page, port_of};
use crate::config::{ConfigSnapshot, Outcome};
use crate::platform::ports::{self, PortHolder};
use crate::profile::{ResolvedProfile, vars};
use crate::service::Definition;
use crate::settings::{self, RunFlags};

/// The manager gets no longer than this, however long the rest may take.
const MANAGER: Duration = Duration::from_secs(3);

/// Looks. The probe, the manager, the port, the processes, and the log are asked at the same time.
pub(crate) async fn gather(args: &StatusArgs, known: &Known<'_>) -> Report {
    let limit = Duration::from_millis(args.client.timeout_ms);
    let deadline = Instant::now() + limit;
    let profile = known.profile;
    let running = known.running.clone();
    let target = known.target(&args.client, running.as_ref());
    let bind = known.config.gateway.bind.unwrap_or_default();
    let configured = known.port();
    let own_port = running.as_ref().and_then(|running| port_of(running.nearest()));
    let log_file = log_file(known);

    // The commands of the manager end a little earlier, so that there is still time to say so.
    let manager_deadline = Instant::now() + (limit * 9 / 10).min(MANAGER);
    let (owned, deep) = (profile.clone(), args.deep);
    let manager = within(deadline, move || manager::look(&owned, bind, deep, manager_deadline));
    let number = own_port.unwrap_or(configured);
    let holders = within(deadline, move || holders(number));
    let (paths, pid) = (profile.paths.clone(), running.as_ref().map(|running| running.pid));
    let machine = within(deadline, move || process::look(&paths, pid));
    let (path, since) = (log_file.clone(), running.as_ref().map_or(0, |running| running.started_at_ms));
    let last_error = within(deadline, move || log::last_error(&path, since));
    let probe = async { if args.no_probe { None } else { Some(probe(known, &target, limit).await) } };
    let (probe, manager, holders, machine, last_error) =
        tokio::join!(probe, manager, holders, machine, last_error);

    let manager = manager.unwrap_or_else(manager::late);
    let installed = manager.definition.as_ref().and_then(Definition::port);
    let holders = holders.unwrap_or_else(|| Err("not known within the time limit".to_owned()));
    let port = |number, source, holders| Port { number, source, holders };
    let (port, configured_port) = match (own_port, installed) {
        (Some(own), _) => (port(own, "running gateway", holders), None),
        (None, Some(installed)) if installed != configured => {
            let theirs = within(deadline, move || self::holders(installed)).await;
            let theirs = theirs.unwrap_or_else(|| Err("not known within the time limit".to_owned()));
            (port(installed, "service args", theirs), Some(port(configured, "env/config", holders)))
        }
        (None, Some(_)) => (port(configured, "service args", holders), None),
        (None, None) => (port(configured, "env/config", holders), None),
    };
    let machine = machine.unwrap_or_default();
    let ui = settings::control_ui(&known.env, &profile.paths, &known.config);
    Report {
        dashboard: ui.enabled.then(|| page(&target.url, &ui.base_path)),
        paths: profile.paths.clone(),
        process: running.map(|running| process::of(&running, &manager, &machine)),
        harness: machine.harness,
        config: config_file(&known.snapshot),
        service_config: service_config(&manager, profile),
        bind,
        custom_bind_host: known.config.gateway.custom_bind_host.clone(),
        port,
        configured_port,
        target: target.source,
        url: target.url,
        probe,
        log_file,
        last_error: last_error.flatten(),
        manager,
    }
}

/// Runs what blocks on another thread, until the deadline.
async fn within<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let work = tokio::task::spawn_blocking(work);
    tokio::time::timeout_at(deadline.into(), work).await.ok()?.ok()
}

fn holders(port: u16) -> Result<Vec<PortHolder>, String> {
    ports::native().holders(port).map_err(|error| error.to_string())
}

/// Connects and asks for the status, as the published program does.
async fn probe(known: &Known<'_>, target: &Target, limit: Duration) -> Probe {
    let begin = Instant::now();
    let mut connection = match known.open(target, limit).await {
        Ok(connection) => connection,
        Err(error) => return failed(&error),
    };
    let hello = connection.hello();
    let (version, host) = (hello.server.version.clone(), hello.server.host.clone());
    let owner = stranger(target, hello.snapshot.state_dir.as_deref(), known.profile);
    let left = limit.saturating_sub(begin.elapsed());
    let status = match connection.request("status", json!({}), left).await {
        Ok(status) => status,
        Err(error) => return failed(&error),
    };
    let latency_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    connection.close().await;
    Probe::Answered { latency_ms, version, host, owner, status }
}

fn failed(error: &ClientError) -> Probe {
    let (cause, fix) = (brief(error), hint(error).map(str::to_owned));
    match error {
        ClientError::Refused { .. } | ClientError::Trust(_) | ClientError::Rpc(_) => {
            Probe::Refused { cause, fix }
        }
        _ => Probe::Silent { cause, fix },
    }
}

fn log_file(known: &Known<'_>) -> PathBuf {
    let paths = &known.profile.paths;
    // A configuration that a start would refuse has no say.
    let settings = settings::resolve(&RunFlags::default(), &known.env, paths, &known.config);
    settings.map_or_else(|_| paths.log_file.clone(), |settings| settings.log.file)
}

fn config_file(snapshot: &ConfigSnapshot) -> ConfigFile {
    let issues = match &snapshot.outcome {
        Outcome::Invalid(issues) => issues.clone(),
        Outcome::Missing | Outcome::Valid => Vec::new(),
    };
    ConfigFile { path: snapshot.path.clone(), exists: snapshot.outcome != Outcome::Missing, issues }
}

/// The file that the service would read, when its environment names another than this command uses.
fn service_config(manager: &Manager, profile: &ResolvedProfile) -> Option<ConfigFile> {
    let environment = &manager.definition.as_ref()?.environment;
    let file = environment.get(vars::CONFIG_PATH).map(PathBuf::from);
    let in_state = || Some(PathBuf::from(environment.get(vars::STATE_DIR)?).join("clawdbot.json"));
    let path = file.or_else(in_state).filter(|path| *path != profile.paths.config_path)?;
    Some(ConfigFile { exists: path.exists(), path, issues: Vec::new() })
}
