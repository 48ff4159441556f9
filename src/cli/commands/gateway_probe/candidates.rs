//! Where gateways may be, and what each may be told. Other profiles are looked at and never logged in to: their secrets
//! are not read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::args::ProbeArgs;
use crate::cli::commands::reach::Known;
use crate::cli::output::gateway_probe::Kind;
use crate::client::target::{RunningGateway, Target, is_loopback, port_of};
use crate::config::schema::{GatewayMode, RemoteTransport};
use crate::profile::{DefaultProfile, ProfilePaths};
use crate::tls::Fingerprint;

/// Ports that gateways usually have: the default profile's, and profile `dev`'s.
const USUAL_PORTS: [u16; 2] = [18_789, 19_001];

/// Somewhere a gateway may be.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) kind: Kind,
    pub(super) url: String,
    pub(super) pid: Option<u32>,
    pub(super) way: Way,
}

/// How it is looked at.
#[derive(Debug)]
pub(super) enum Way {
    /// As this profile's client.
    LogIn(Box<Target>),
    /// Whether it greets. Its certificate, when that is known.
    Greet(Option<Fingerprint>),
}

/// All but what is behind a tunnel, most important first, each place once.
pub(super) fn candidates(args: &ProbeArgs, known: &Known<'_>, others: Vec<RunningGateway>) -> Vec<Candidate> {
    let mut all = Vec::new();
    let is_remote = known.config.gateway.mode == Some(GatewayMode::Remote);
    if args.url.is_some() {
        all.push(named(
            Kind::Explicit,
            known.target(&args.client(args.url.as_deref()), known.running.as_ref()),
        ));
    }
    let remote = || remote(args, known);
    let own = own(args, known);
    if is_remote {
        all.extend(remote());
        all.push(own);
    } else {
        all.push(own);
        all.extend(remote());
    }
    all.extend(others.into_iter().map(|running| Candidate {
        url: running.nearest().to_owned(),
        pid: Some(running.pid),
        way: Way::Greet(running.tls_fingerprint.as_deref().and_then(|text| Fingerprint::parse(text).ok())),
        kind: Kind::Profile(running.profile),
    }));
    all.extend(USUAL_PORTS.map(|port| Candidate {
        kind: Kind::Usual(port),
        url: format!("ws://127.0.0.1:{port}"),
        pid: None,
        way: Way::Greet(None),
    }));
    once(all)
}

/// This profile's own.
fn own(args: &ProbeArgs, known: &Known<'_>) -> Candidate {
    let mut client = args.client(None);
    // These are for what --url and --ssh name.
    (client.token, client.password) = (None, None);
    if known.running.is_none() && known.config.gateway.mode == Some(GatewayMode::Remote) {
        client.url = Some(format!("ws://127.0.0.1:{}", known.port()));
    }
    let target = known.target(&client, known.running.as_ref());
    let pid = known.running.as_ref().map(|running| running.pid);
    Candidate { kind: Kind::Own, url: target.url.clone(), pid, way: Way::LogIn(Box::new(target)) }
}

/// The one of the configuration, unless its address is that of a tunnel's end.
fn remote(args: &ProbeArgs, known: &Known<'_>) -> Option<Candidate> {
    let gateway = &known.config.gateway;
    let url = gateway.remote.url.as_deref().map(str::trim).filter(|url| !url.is_empty())?;
    if gateway.remote.transport == Some(RemoteTransport::Ssh) && is_loopback(url) {
        return None;
    }
    let mut client = args.client(Some(url));
    // These are for what --url and --ssh name.
    (client.token, client.password, client.tls_fingerprint) = (None, None, None);
    Some(named(Kind::Remote(gateway.mode == Some(GatewayMode::Remote)), known.target(&client, None)))
}

/// One that is named. Logs in when there is something to log in with, or when it is on this machine, where a client
/// is let in without asking anybody: elsewhere an attempt would leave a request for somebody to approve.
fn named(kind: Kind, target: Target) -> Candidate {
    let has_secret = target.token.is_some() || target.password.is_some();
    let url = target.url.clone();
    let way = if has_secret || is_loopback(&url) {
        Way::LogIn(Box::new(target))
    } else {
        Way::Greet(target.pin.and_then(Result::ok))
    };
    Candidate { kind, url, pid: None, way }
}

/// The same without what is there already under another name.
fn once(all: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::with_capacity(all.len());
    for candidate in all {
        let is_same = |other: &Candidate| {
            other.url == candidate.url
                || (is_loopback(&other.url)
                    && is_loopback(&candidate.url)
                    && port_of(&other.url) == port_of(&candidate.url))
        };
        if !kept.iter().any(is_same) {
            kept.push(candidate);
        }
    }
    kept
}

/// The gateways of other profiles that run on this machine, by their runtime files. Dev mode does not look at the
/// default profile's, as it does not at any file of that profile.
pub(super) fn others(paths: &ProfilePaths) -> Vec<RunningGateway> {
    let default = DefaultProfile::of(&paths.home).state_dir;
    let entries = fs::read_dir(&paths.home).into_iter().flatten().filter_map(Result::ok);
    let mut directories: Vec<PathBuf> = entries
        .filter(|entry| is_state_dir(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .filter(|path| *path != paths.state_dir && !(paths.dev_mode && *path == default))
        .collect();
    directories.sort();
    let read = |directory: &PathBuf| RunningGateway::read(&Path::new(directory).join("gateway.json"));
    directories.iter().filter_map(read).collect()
}

fn is_state_dir(name: &str) -> bool {
    name == ".clawdbot" || name.starts_with(".clawdbot-")
}
