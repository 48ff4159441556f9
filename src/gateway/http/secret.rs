//! Whether a request knows a secret; guessing is slowed down as in the handshake of a WebSocket.

use std::sync::MutexGuard;

use crate::auth::locality::PeerFacts;
use crate::auth::shared_secret;
use crate::gateway::context::Gateway;
use crate::gateway::throttle::{Source, Throttle};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It has no secret, or a wrong one.
    Wrong,
    /// Its sender has given too many wrong ones: it was not looked at.
    TooMany,
}

/// Compares the secret of a request; `guesses` are those that it is counted among. The answer to a wrong one waits; one
/// that is missing is no guess.
pub(super) async fn check<'a>(
    gateway: &Gateway,
    guesses: impl Fn() -> MutexGuard<'a, Throttle>,
    peer: &PeerFacts,
    given: Option<&str>,
    expected: &str,
) -> Result<(), Refused> {
    let given = given.ok_or(Refused::Wrong)?;
    let source = Source::of(peer);
    if !guesses().admits(&source, gateway.now_ms()) {
        tracing::warn!(peer = %peer.responsible(), "refused a request: too many wrong secrets");
        return Err(Refused::TooMany);
    }
    if shared_secret::equal(expected, given) {
        return Ok(());
    }
    tracing::warn!(peer = %peer.responsible(), "refused a request: wrong secret");
    let delay = guesses().failed(source, gateway.now_ms());
    gateway.lifecycle.hold_back(delay).await;
    Err(Refused::Wrong)
}
