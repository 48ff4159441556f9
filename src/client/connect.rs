//! From options to an established connection (`wire-protocol` C.1, C.10).

use std::collections::VecDeque;
use std::time::Duration;

use super::connection::Connection;
use super::error::ClientError;
use super::options::{ConnectOptions, Replay};
use super::tokens::TokenStore;
use super::wire::{Deadline, Frame, Wire};
use crate::platform::clock;
use crate::protocol::close::Close;
use crate::protocol::error::RpcError;
use crate::protocol::hello::HelloOk;
use crate::protocol::replay::Resume;
use crate::tls::Fingerprint;

/// How long the challenge is waited for; published gateways send it at once, older ones not at all.
const CHALLENGE_WAIT: Duration = Duration::from_millis(750);

/// Pause before a gateway that is being replaced is asked again.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// How long the close frame after a refusal is waited for.
const CLOSE_WAIT: Duration = Duration::from_millis(500);

/// Connects, signs the challenge, and waits for `hello-ok`.
///
/// A stored device token is tried first. When it is refused and there is a shared token, the stored one is
/// forgotten and the shared one is tried. All of it within `options.timeout`.
pub async fn connect(options: &ConnectOptions) -> Result<Connection, ClientError> {
    connect_with(options, Replay::NotAsked).await
}

/// The same for a client that goes on where it was.
pub(super) async fn resume(
    options: &ConnectOptions,
    resume: Option<&Resume>,
) -> Result<Connection, ClientError> {
    let Some(resume) = resume else { return connect_with(options, Replay::FromNow).await };
    match connect_with(options, Replay::From(resume)).await {
        // Another program serves there now, one that does not know the extension.
        Err(error) if is_not_understood(&error) => connect_with(options, Replay::FromNow).await,
        result => result,
    }
}

async fn connect_with(options: &ConnectOptions, replay: Replay<'_>) -> Result<Connection, ClientError> {
    let deadline = Deadline::after(options.timeout);
    let stored = options.tokens.as_ref().and_then(|tokens| Some((tokens, tokens.get(options.role)?)));
    let connection = match &stored {
        None => attempt(options, None, replay, deadline).await?,
        Some((tokens, token)) => match attempt(options, Some(token), replay, deadline).await {
            Err(error) if options.token.is_some() && is_unauthorized(&error) => {
                forget(tokens, options, token);
                attempt(options, None, replay, deadline).await?
            }
            result => result?,
        },
    };
    if let (Some(tokens), Some(issued)) = (&options.tokens, &connection.hello().auth)
        && let Err(error) = tokens.put(issued)
    {
        tracing::warn!(%error, "the device token was not stored");
    }
    Ok(connection)
}

/// Whether anything answers there: connects, upgrades, and goes away again. For what should only be done when
/// there is a gateway.
pub async fn probe(url: &str, pin: Option<Fingerprint>, timeout: Duration) -> Result<(), ClientError> {
    Wire::open(url, pin, Deadline::after(timeout)).await.map(drop)
}

/// Whether a gateway greets there; `false` when something else speaks WebSocket. Logs in nowhere, so it can be asked
/// without secrets.
pub async fn greets(url: &str, pin: Option<Fingerprint>, timeout: Duration) -> Result<bool, ClientError> {
    let deadline = Deadline::after(timeout);
    let mut wire = Wire::open(url, pin, deadline).await?;
    let greeted = challenge(&mut wire, deadline).await?.is_some();
    wire.close().await;
    Ok(greeted)
}

/// One attempt, and further ones as long as the gateway says that it is being replaced.
async fn attempt(
    options: &ConnectOptions,
    device_token: Option<&str>,
    replay: Replay<'_>,
    deadline: Deadline,
) -> Result<Connection, ClientError> {
    loop {
        let error = match try_once(options, device_token, replay, deadline).await {
            Err(error) if is_restart(&error) => error,
            result => return result,
        };
        tokio::time::sleep(RETRY_PAUSE).await;
        if deadline.is_over() {
            return Err(error);
        }
    }
}

async fn try_once(
    options: &ConnectOptions,
    device_token: Option<&str>,
    replay: Replay<'_>,
    deadline: Deadline,
) -> Result<Connection, ClientError> {
    let mut wire = Wire::open(&options.url, options.pin, deadline).await?;
    let mut waiting = VecDeque::new();
    let nonce = challenge(&mut wire, deadline).await?;
    let params = options.params(nonce.as_deref(), device_token, replay, clock::unix_ms());
    let params = serde_json::to_value(params).map_err(|error| ClientError::Unexpected(error.to_string()))?;
    wire.send("connect", "connect", params, deadline).await?;
    loop {
        match wire.next_until(deadline).await {
            Ok(Frame::Event(event)) => waiting.push_back(event),
            Ok(Frame::Response { id, .. }) if id != "connect" => {}
            Ok(Frame::Response { result: Ok(payload), .. }) => {
                let hello: HelloOk = serde_json::from_value(payload)
                    .map_err(|error| ClientError::Unexpected(format!("hello-ok: {error}")))?;
                return Ok(Connection::new(wire, hello, waiting));
            }
            Ok(Frame::Response { result: Err(error), .. }) => {
                return Err(refused(&mut wire, error, deadline).await);
            }
            Err(ClientError::Closed(close)) => return Err(ClientError::Refused { error: None, close }),
            Err(error) => return Err(error),
        }
    }
}

/// The nonce of the challenge, when one comes.
async fn challenge(wire: &mut Wire, deadline: Deadline) -> Result<Option<String>, ClientError> {
    let wait = deadline.at_most(CHALLENGE_WAIT);
    loop {
        match wire.next_until(wait).await {
            Ok(Frame::Event(event)) if event.event == "connect.challenge" => {
                return Ok(event.payload["nonce"].as_str().map(str::to_owned));
            }
            Ok(_) => {}
            Err(ClientError::Timeout(_)) => return Ok(None),
            Err(ClientError::Closed(close)) => return Err(ClientError::Refused { error: None, close }),
            Err(error) => return Err(error),
        }
    }
}

/// A refusal with the close frame that follows it.
async fn refused(wire: &mut Wire, error: Box<RpcError>, deadline: Deadline) -> ClientError {
    let deadline = deadline.at_most(CLOSE_WAIT);
    loop {
        match wire.next_until(deadline).await {
            Ok(_) => {}
            Err(ClientError::Closed(close)) => return ClientError::Refused { error: Some(error), close },
            Err(_) => {
                let close = Close::policy(&error.message);
                return ClientError::Refused { error: Some(error), close };
            }
        }
    }
}

/// Whether the gateway goes away before it has answered: the next one is there in a moment.
fn is_restart(error: &ClientError) -> bool {
    let restart = Close::service_restart().code;
    matches!(error, ClientError::Refused { error: None, close } if close.code == restart)
}

fn is_not_understood(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused { error: Some(error), .. } if error.message.starts_with("invalid connect params"))
}

fn is_unauthorized(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused { error: Some(error), .. } if error.message.starts_with("unauthorized"))
}

fn forget(tokens: &TokenStore, options: &ConnectOptions, refused: &str) {
    if let Err(error) = tokens.forget(options.role, refused) {
        tracing::warn!(%error, "the refused device token is still stored");
    }
}
