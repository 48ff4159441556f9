//! Behind the keeper: the profile of the capsule, its gateway, the replay, and what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::NOT_RUN;
use super::drive::{Ended, Kind, drive};
use super::headers::Sent;
use super::load::{Loaded, load};
use super::settle::move_in;
use super::socket::Target;
use super::start;
use crate::capsule::replay::{Access, Conductor, Ignore, Journal, Places, Plan, Rules, Script, Speed};
use crate::cli::commands::dev_run::gateway::{Gateway, GiveSecret, NotReady, Prospect};
use crate::cli::commands::dev_run::{Run, ending};
use crate::cli::output::dev_replay::{self, Report};
use crate::harness::ephemeral::{Replay, profile};
use crate::platform::{atomic, exe};
use crate::profile::{EnvMap, ProfileRequest, resolve};
use crate::settings::Secret;
use crate::tls::Fingerprint;

/// Exit code when something is not as recorded.
const DIFFERS: u8 = 1;

/// Where programs put what they need for a while.
const TEMPORARY: &str = "TMPDIR";

/// Why a replay came to no result.
enum Stop {
    /// The exit code of somebody who asked for the end.
    Asked(u8),
    /// It could not be tried, for this reason, with these last words.
    NotRun(String, Vec<String>),
}

/// A gateway to replay against.
struct Opponent {
    gateway: Option<Gateway>,
    target: Target,
    places: Places,
    access: Access,
    kind: Kind,
}

/// Replays; the exit code is the result.
pub(in crate::cli::commands) async fn inside(replay: &Replay, run: &mut Run) -> u8 {
    match attempt(replay, run).await {
        Ok(code) | Err(Stop::Asked(code)) => code,
        Err(Stop::NotRun(message, tail)) => {
            if replay.json {
                run.printer().json(&json!({
                    "ok": false, "result": "not run", "message": message, "tail": tail,
                }));
            }
            run.printer().error(&message);
            for line in tail {
                run.printer().error(&format!("  {line}"));
            }
            NOT_RUN
        }
    }
}

async fn attempt(replay: &Replay, run: &mut Run) -> Result<u8, Stop> {
    let began = Instant::now();
    let (capsule, directory) = (replay.capsule.clone(), run.job.directory.clone());
    let loading = tokio::task::spawn_blocking(move || load(&capsule, &directory));
    let loaded = tokio::select! {
        loaded = loading => match loaded {
            Ok(loaded) => loaded.map_err(not_run)?,
            Err(error) => return Err(not_run(format!("Cannot unpack the capsule: {error}."))),
        },
        signal = ending(&mut run.signals) => return Err(Stop::Asked(signal.exit_code())),
    };
    let journal = Journal::read(&loaded.journal)
        .map_err(|error| not_run(format!("{}: {error}.", replay.capsule.display())))?;
    let script = Script::of(journal);
    let notes = dev_replay::notes(&script, &loaded.manifest);
    let connections = script.connections();
    let mut opponent = opponent(replay, &loaded, run).await?;
    let rules: Result<Vec<Ignore>, _> = replay.ignore.iter().map(|rule| rule.parse()).collect();
    let plan = Plan {
        rules: Rules(rules.map_err(|error| not_run(format!("--ignore {error}.")))?),
        places: opponent.places.clone(),
        keys: loaded.keys.clone(),
        access: opponent.access.clone(),
        speed: replay.speed.map_or(Speed::Max, Speed::Times),
    };
    if !replay.json && !replay.quiet {
        run.printer().error(&dev_replay::announcement(&script, plan.speed));
    }
    let ready = began.elapsed();
    let mut conductor = Conductor::new(script, plan);
    let ended = drive(
        &mut conductor,
        connections,
        opponent.target,
        opponent.gateway.as_mut(),
        opponent.kind,
        &mut run.signals,
    )
    .await;
    let is_given_up = conductor.is_given_up();
    let findings = conductor.findings();
    let took = began.elapsed();
    if let Some(gateway) = opponent.gateway {
        gateway.stop().await;
    }
    if let Ended::Stopped(signal) = ended {
        return Err(Stop::Asked(signal.exit_code()));
    }
    Ok(tell(&Report { findings, notes, is_given_up, ready, took }, replay, run))
}

/// Prints what was found; the exit code.
fn tell(report: &Report, replay: &Replay, run: &Run) -> u8 {
    let printer = run.printer();
    let is_alike = report.findings.differ() == 0;
    match (replay.json, replay.quiet) {
        (true, _) => printer.json(&report.json()),
        (false, false) => printer.text(&report.text(printer.paint())),
        (false, true) if is_alike => {}
        (false, true) => printer.error(&report.text(printer.paint())),
    }
    if is_alike { 0 } else { DIFFERS }
}

/// The gateway that was named, or one that is started in the profile of the capsule.
async fn opponent(replay: &Replay, loaded: &Loaded, run: &mut Run) -> Result<Opponent, Stop> {
    if let Some(url) = &replay.against {
        let target = Target::of(url, None).map_err(|error| not_run(format!("--against {error}.")))?;
        return against(target, run).await;
    }
    let manifest = &loaded.manifest;
    let home = &loaded.home;
    let arguments = start::arguments(manifest, replay.exec.as_deref());
    let surroundings = profile::gateway_env(&run.job, &run.outer, home);
    let is_typed = replay.exec.is_some();
    // Where the gateway looks for its profile decides where that is put.
    let env = start::environment(manifest, &Places::default(), &surroundings, is_typed);
    let (request, _) = crate::cli::dispatch::gateway_run(&arguments)
        .ok_or_else(|| not_run("The capsule does not say how its gateway is started.".to_owned()))?;
    let request = ProfileRequest { working_dir: Some(home.clone()), ..request };
    let paths = resolve(&request, &EnvMap::new(env), Some(home.clone()))
        .map_err(|error| not_run(format!("{error}.")))?
        .paths;
    let places = move_in(home, manifest, &paths).map_err(not_run)?;
    let mut env = start::environment(manifest, &places, &surroundings, is_typed);
    // What it leaves there goes with the rest.
    let temporary = run.job.directory.join("tmp");
    atomic::private_directory(&temporary)
        .map_err(|error| not_run(format!("Cannot create {}: {error}.", temporary.display())))?;
    env.insert(TEMPORARY.to_owned(), temporary.to_string_lossy().into_owned());
    let prospect = Prospect::of(&arguments, env, home, GiveSecret::Never, 0)
        .map_err(|error| not_run(format!("{error}.")))?;
    let prospect = Prospect { foreign: run.job.foreign, ..prospect };
    let image =
        exe::running_image().map_err(|error| not_run(format!("Cannot find the program: {error}.")))?;
    let job = Arc::clone(&run.job);
    let started = tokio::select! {
        started = prospect.start(&image, &job.directory) => started,
        signal = ending(&mut run.signals) => return Err(Stop::Asked(signal.exit_code())),
    };
    let gateway = started.map_err(|NotReady { reason, tail, .. }| {
        Stop::NotRun(format!("The gateway did not start: {reason}"), tail)
    })?;
    let pin = gateway.fingerprint.as_deref().and_then(|text| Fingerprint::parse(text).ok());
    let target = Target::of(&gateway.url, pin).map_err(not_run)?;
    let kind = match (is_typed, prospect.paths.dev_mode) {
        (true, _) => Kind::Command,
        (false, true) => Kind::Harness,
        (false, false) => Kind::Alone,
    };
    let exposed = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let access = Access { token: exposed(&prospect.token), password: exposed(&prospect.password) };
    Ok(Opponent { gateway: Some(gateway), target, places, access, kind })
}

/// A gateway that runs already; it has to answer now, and says itself where its profile is.
async fn against(target: Target, run: &mut Run) -> Result<Opponent, Stop> {
    let nothing = Sent::default();
    let opened = tokio::select! {
        opened = tokio::time::timeout(Duration::from_secs(20), target.open(&nothing)) => opened,
        signal = ending(&mut run.signals) => return Err(Stop::Asked(signal.exit_code())),
    };
    match opened {
        Ok(Ok(_)) => Ok(Opponent {
            gateway: None,
            target,
            places: Places::default(),
            access: Access::default(),
            kind: Kind::Alone,
        }),
        Ok(Err(error)) => Err(not_run(format!("--against: no gateway answers: {error}."))),
        Err(_) => Err(not_run("--against: no gateway answers within 20 seconds.".to_owned())),
    }
}

fn not_run(message: String) -> Stop {
    Stop::NotRun(message, Vec::new())
}
