//! Looking at one place.

use std::time::{Duration, Instant};

use serde_json::json;

use super::candidates::{Candidate, Way};
use crate::cli::commands::reach::{Known, brief};
use crate::cli::output::gateway_probe::{Answer, Kind, Seen, Through};
use crate::client::target::{Target, TargetSource, is_loopback};
use crate::client::{ClientError, greets};
use crate::platform::ssh::{Destination, Tunnel};
use crate::profile::vars;
use crate::settings::Secret;

/// At most this long for a place on this machine, and for one elsewhere.
const LOCAL: Duration = Duration::from_millis(800);
const ELSEWHERE: Duration = Duration::from_millis(1_500);
/// At most this long for a tunnel to stand.
const TUNNEL: Duration = Duration::from_secs(2);

/// Looks, for at most `limit`.
pub(super) async fn look(candidate: Candidate, known: &Known<'_>, limit: Duration) -> Seen {
    let Candidate { kind, url, pid, way } = candidate;
    let limit = limit.min(if is_loopback(&url) { LOCAL } else { ELSEWHERE });
    let begin = Instant::now();
    let answer = match way {
        Way::LogIn(target) => log_in(&target, known, limit).await,
        Way::Greet(pin) => match greets(&url, pin, limit).await {
            Ok(true) => Answer::Greeted { latency_ms: since(begin) },
            Ok(false) => Answer::None("it speaks WebSocket and does not greet as a gateway does".to_owned()),
            Err(error) => Answer::None(brief(&error)),
        },
    };
    Seen { kind, url, through: None, pid, answer }
}

async fn log_in(target: &Target, known: &Known<'_>, limit: Duration) -> Answer {
    let begin = Instant::now();
    let mut connection = match known.open(target, limit).await {
        Ok(connection) => connection,
        Err(ClientError::Refused { error, close }) => {
            let reason = brief(&ClientError::Refused { error, close: close.clone() });
            return Answer::Refused { latency_ms: since(begin), reason, close: Some(close) };
        }
        Err(error) => return Answer::None(brief(&error)),
    };
    let latency_ms = since(begin);
    let hello = Box::new(connection.hello().clone());
    let left = limit.saturating_sub(begin.elapsed());
    let summary = connection.request("status", json!({}), left).await.map_err(|error| brief(&error));
    connection.close().await;
    Answer::In { latency_ms, hello, summary }
}

/// What a tunnel is for.
#[derive(Debug)]
pub(super) struct Beyond<'a> {
    pub(super) destination: Destination<'a>,
    pub(super) token: Option<Secret>,
    pub(super) password: Option<Secret>,
}

/// Looks through a tunnel, which is closed afterwards. This machine's secrets stay here: what is at the other end is
/// somebody else's gateway, although its address is one of this machine.
pub(super) async fn look_beyond(beyond: Beyond<'_>, known: &Known<'_>, limit: Duration) -> Seen {
    let begin = Instant::now();
    let keep = |name: &str| name != vars::GATEWAY_TOKEN && name != vars::GATEWAY_PASSWORD;
    let env: Vec<(String, String)> = known
        .profile
        .env
        .iter()
        .filter(|(name, _)| keep(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let Beyond { destination, token, password } = beyond;
    let mut seen = Seen {
        kind: Kind::Ssh,
        url: format!("ws://127.0.0.1:{}", destination.port),
        through: Some(Through { server: destination.server.to_string(), port: destination.port }),
        pid: None,
        answer: Answer::None(String::new()),
    };
    let tunnel = match Tunnel::open(&destination, &env, limit.min(TUNNEL)).await {
        Ok(tunnel) => tunnel,
        Err(error) => {
            seen.answer = Answer::None(error.to_string());
            return seen;
        }
    };
    let url = format!("ws://127.0.0.1:{}", tunnel.port());
    let has_secret = token.is_some() || password.is_some();
    let target =
        Target { url: url.clone(), source: TargetSource::Flag, token, password, pin: None, is_known: false };
    let way = if has_secret { Way::LogIn(Box::new(target)) } else { Way::Greet(None) };
    let left = limit.saturating_sub(begin.elapsed());
    seen.answer = look(Candidate { kind: Kind::Ssh, url, pid: None, way }, known, left).await.answer;
    seen
}

fn since(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX)
}
