//! The command: every place at once, and none for longer than `--timeout`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};

use super::candidates::{candidates, others};
use super::look::{Beyond, look, look_beyond};
use super::network::Network;
use crate::cli::args::ProbeArgs;
use crate::cli::commands::reach::{Known, block_on};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::output::gateway_probe::{Kind, Report, Seen, json, screen};
use crate::client::target::{is_loopback, port_of};
use crate::config::schema::RemoteTransport;
use crate::platform::clock;
use crate::platform::ssh::{Destination, Server};
use crate::profile::{ResolvedProfile, normalise};
use crate::settings::Secret;

/// No gateway is there.
const UNREACHABLE: u8 = 3;

/// Looks at every place where a gateway may be.
pub(crate) fn run(
    args: &ProbeArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let (begin, ts) = (Instant::now(), clock::unix_ms());
    let limit = Duration::from_millis(args.timeout_ms);
    let known = Known::read(profile, printer);
    let tunnel = tunnel(args, &known)?;
    let all = candidates(args, &known, others(&profile.paths));

    let urls: Vec<String> = all.iter().map(|candidate| candidate.url.clone()).collect();
    let (mut seen, (network, announced, beyond)) = block_on(async {
        let looks = join_all(all.into_iter().map(|candidate| look(candidate, &known, limit)));
        Ok(join(looks, beyond_this_machine(args, &known, tunnel, &urls, limit)).await)
    })?;
    // A port that gateways usually have is worth a line when one has it.
    seen.retain(|seen| seen.answer.is_there() || !matches!(seen.kind, Kind::Usual(_)));
    if let Some(beyond) = beyond {
        let place = usize::from(seen.first().is_some_and(|first| first.kind == Kind::Explicit));
        seen.insert(place, beyond);
    }
    seen.extend(announced);
    let report = Report {
        ts,
        duration_ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        timeout_ms: args.timeout_ms,
        own_url: known.target(&args.client(None), known.running.as_ref()).url,
        discovery: network.discovery,
        seen,
    };
    if args.json {
        printer.json(&json(&report));
    } else {
        printer.text(&screen(&report, printer.paint()));
    }
    Ok(if report.count() > 0 { ExitCode::SUCCESS } else { ExitCode::from(UNREACHABLE) })
}

/// What the network announces, and what is behind a tunnel. With `--ssh-auto` the first says where the second leads.
async fn beyond_this_machine(
    args: &ProbeArgs,
    known: &Known<'_>,
    tunnel: Option<Wanted>,
    urls: &[String],
    limit: Duration,
) -> (Network, Vec<Seen>, Option<Seen>) {
    let begin = Instant::now();
    let network = async {
        let network = Network::listen(known, limit).await;
        let announced = network.look(urls, known, begin, limit).await;
        (network, announced)
    };
    let beyond = async |tunnel: Wanted, limit| look_beyond(tunnel.beyond(), known, limit).await;
    let named = async {
        match tunnel {
            Some(tunnel) => Some(beyond(tunnel, limit).await),
            None => None,
        }
    };
    let ((network, announced), named) = join(network, named).await;
    let found = network.server().filter(|_| args.ssh_auto && named.is_none());
    let seen = match found {
        Some((server, port)) => {
            let left = limit.saturating_sub(begin.elapsed());
            Some(beyond(wanted(args, known, server, port), left).await)
        }
        None => named,
    };
    (network, announced, seen)
}

/// A tunnel that was asked for.
#[derive(Debug)]
struct Wanted {
    server: Server,
    identity: Option<PathBuf>,
    port: u16,
    token: Option<Secret>,
    password: Option<Secret>,
}

/// The tunnel of `--ssh`, else the one of the configuration.
fn tunnel(args: &ProbeArgs, known: &Known<'_>) -> Result<Option<Wanted>, ExpectedError> {
    let remote = &known.config.gateway.remote;
    let configured = remote.ssh_target.as_deref().filter(|_| remote.transport == Some(RemoteTransport::Ssh));
    let server = match (&args.ssh, configured) {
        (Some(server), _) => server.clone(),
        (None, Some(text)) => Server::parse(text).map_err(|error| {
            ExpectedError::Refused(format!("gateway.remote.sshTarget is {text:?}, which is {error}."))
        })?,
        (None, None) => return Ok(None),
    };
    let port = remote.url.as_deref().filter(|url| is_loopback(url)).and_then(port_of);
    Ok(Some(Wanted {
        token: args.token.clone().or_else(|| remote.token.clone()),
        password: args.password.clone().or_else(|| remote.password.clone()),
        ..wanted(args, known, server, port.unwrap_or_else(|| known.port()))
    }))
}

/// A tunnel to a server, with the secrets of the command line alone: those of the configuration are for the server
/// that it names.
fn wanted(args: &ProbeArgs, known: &Known<'_>, server: Server, port: u16) -> Wanted {
    let home = &known.profile.paths.home;
    let configured = known.config.gateway.remote.ssh_identity.as_deref();
    let identity = args.ssh_identity.clone();
    Wanted {
        server,
        identity: identity.or_else(|| configured.and_then(|text| normalise(text, home, None))),
        port,
        token: args.token.clone(),
        password: args.password.clone(),
    }
}

impl Wanted {
    fn beyond(&self) -> Beyond<'_> {
        Beyond {
            destination: Destination {
                server: &self.server,
                identity: self.identity.as_deref(),
                port: self.port,
            },
            token: self.token.clone(),
            password: self.password.clone(),
        }
    }
}
