//! What a gateway that runs says to a client of this profile. Leaves no trace: neither an identity nor a token is made,
//! and the gateway counts the client as a probe.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::client::target::{RunningGateway, TargetRequest, resolve};
use crate::client::{ClientError, ConnectOptions, connect};
use crate::doctor::facts::{Answer, ConfigFacts};
use crate::platform::clock;
use crate::profile::ResolvedProfile;
use crate::protocol::hello::HelloOk;
use crate::settings::Secret;

/// What is sent in place of a token where none is asked for: without a device, there has to be one.
const NO_TOKEN: &str = "none";

/// Asks the gateway that the runtime file leads to, if there is one.
pub(super) async fn ask(
    running: Option<&RunningGateway>,
    config: Option<&ConfigFacts>,
    profile: &ResolvedProfile,
    until: Instant,
) -> Option<Answer> {
    let running = running?;
    let gateway = config.map(|config| config.config.gateway.clone()).unwrap_or_default();
    let env = crate::config::environment(&profile.paths.dotenv, &profile.env)
        .unwrap_or_else(|_| profile.env.clone());
    let target = resolve(&TargetRequest {
        url: None,
        token: None,
        password: None,
        tls_fingerprint: None,
        running: Some(running),
        config: &gateway,
        env: &env,
        exported: &profile.env,
        default_port: profile.paths.default_port,
    });
    let url = target.url.clone();
    let mut options = ConnectOptions::cli(&url);
    "clawdbot-probe".clone_into(&mut options.client.id);
    "probe".clone_into(&mut options.client.mode);
    options.pin = target.pin.and_then(Result::ok);
    options.token = target.token.or_else(|| Some(Secret::new(NO_TOKEN)));
    options.password = target.password;
    options.timeout = left(until);
    Some(match hello(&options, until).await {
        Ok((hello, skew_ms)) => Answer::Hello {
            url,
            version: hello.server.version,
            other_state: hello
                .snapshot
                .state_dir
                .map(PathBuf::from)
                .filter(|state| !is_same(state, &profile.paths.state_dir)),
            skew_ms,
        },
        Err(ClientError::Refused { error: Some(error), .. }) => {
            Answer::Refuses { url, reason: error.message }
        }
        Err(ClientError::Unreachable { cause }) => Answer::Silent { url, cause },
        Err(error) => Answer::Silent { url, cause: error.to_string() },
    })
}

async fn hello(options: &ConnectOptions, until: Instant) -> Result<(HelloOk, Option<i64>), ClientError> {
    let mut connection = connect(options).await?;
    let hello = connection.hello().clone();
    let health = connection.request("health", json!({ "probe": true }), left(until)).await?;
    let theirs = health["ts"].as_i64();
    let ours = i64::try_from(clock::unix_ms()).ok();
    connection.close().await;
    Ok((hello, theirs.zip(ours).map(|(theirs, ours)| theirs.saturating_sub(ours))))
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
