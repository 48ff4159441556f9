//! The command: every place at once, and none for longer than `--timeout`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};

use super::candidates::{candidates, others};
use super::look::{Beyond, look, look_beyond};
use crate::cli::args::ProbeArgs;
use crate::cli::commands::reach::{Known, block_on};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::output::gateway_probe::{Kind, Report, json, screen};
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

    let (mut seen, beyond) = block_on(async {
        let looks = join_all(all.into_iter().map(|candidate| look(candidate, &known, limit)));
        let beyond = async {
            let Some(tunnel) = &tunnel else { return None };
            Some(look_beyond(tunnel.beyond(), &known, limit).await)
        };
        Ok(join(looks, beyond).await)
    })?;
    // A port that gateways usually have is worth a line when one has it.
    seen.retain(|seen| seen.answer.is_there() || !matches!(seen.kind, Kind::Usual(_)));
    if let Some(beyond) = beyond {
        let place = usize::from(seen.first().is_some_and(|first| first.kind == Kind::Explicit));
        seen.insert(place, beyond);
    }
    let report = Report {
        ts,
        duration_ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
        timeout_ms: args.timeout_ms,
        own_url: known.target(&args.client(None), known.running.as_ref()).url,
        seen,
    };
    if args.json {
        printer.json(&json(&report));
    } else {
        printer.text(&screen(&report, printer.paint()));
    }
    Ok(if report.count() > 0 { ExitCode::SUCCESS } else { ExitCode::from(UNREACHABLE) })
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
    let home = &known.profile.paths.home;
    let configured = remote.ssh_identity.as_deref().and_then(|text| normalise(text, home, None));
    let port = remote.url.as_deref().filter(|url| is_loopback(url)).and_then(port_of);
    Ok(Some(Wanted {
        server,
        identity: args.ssh_identity.clone().or(configured),
        port: port.unwrap_or_else(|| known.port()),
        token: args.token.clone().or_else(|| remote.token.clone()),
        password: args.password.clone().or_else(|| remote.password.clone()),
    }))
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
