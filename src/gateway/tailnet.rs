//! Whose machine an address of the tailnet is, as far as Tailscale says so.
//!
//! Asked for clients that claim an identity, off the runtime's thread. Answers are kept for a short time and in a
//! bounded number; few questions are asked at the same time, for anybody on this machine can make a claim.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::auth::locality::{Ends, PeerFacts};
use crate::auth::tailscale::{TailscaleClaim, TailscaleIdentity};
use crate::logging::subsystem;
use crate::platform::exec::Cancel;
use crate::platform::ports::{self, Client};
use crate::platform::tailscale::{Owner, Tailscale, TailscaleError};

/// How long an owner is remembered. A machine may change hands, and its new owner must not be taken for the old.
const FRESH_MS: u64 = 30_000;
/// How long it is remembered that there is none.
const FRESH_NOBODY_MS: u64 = 3_000;
/// Addresses remembered at most.
const ADDRESSES: usize = 256;
/// Questions that are asked at the same time.
const AT_ONCE: usize = 4;
/// How long a question may wait for its turn.
const TURN: Duration = Duration::from_secs(3);

/// What Tailscale said about addresses.
#[derive(Debug)]
pub(crate) struct Tailnet {
    /// The variable `PATH`, in which its command is looked up.
    path: Option<String>,
    known: Mutex<Known>,
    room: Semaphore,
    /// Cuts off what is still asked when nobody is left to hear the answer.
    cancel: Cancel,
}

/// Answers that are still fresh.
#[derive(Debug, Default)]
struct Known {
    owners: BTreeMap<IpAddr, (Owner, u64)>,
}

// === impl Tailnet ===

impl Tailnet {
    pub(crate) fn new(path: Option<String>) -> Self {
        Self { path, known: Mutex::default(), room: Semaphore::new(AT_ONCE), cancel: Cancel::default() }
    }

    /// Checks what `peer` claims. `now_ms` is when it did.
    pub(crate) async fn identify(&self, peer: &PeerFacts, now_ms: u64) -> TailscaleIdentity {
        let (login, address) = match &peer.tailscale {
            TailscaleClaim::NoUser => return TailscaleIdentity::NoUser,
            TailscaleClaim::NotProxied => return TailscaleIdentity::NotProxied,
            TailscaleClaim::User { login, address } => (login, *address),
        };
        match who_claims(peer.ends).await {
            // The daemon, or somebody who can read our secrets anyway.
            Client::Root | Client::Own | Client::Untold => {}
            Client::Other(uid) => {
                tracing::warn!(
                    claimed = login,
                    uid,
                    "a program of another user pretends to be Tailscale's proxy"
                );
                return TailscaleIdentity::NotProxied;
            }
            Client::Gone => return TailscaleIdentity::Unchecked,
        }
        match self.owner(address, now_ms).await {
            Ok(owner) => {
                let identity = TailscaleIdentity::judge(login, login_of(&owner));
                if identity == TailscaleIdentity::Mismatch {
                    tracing::warn!(target: subsystem::TAILSCALE, %address, claimed = login, ?owner, "a client claims to be another user of the tailnet");
                }
                identity
            }
            Err(error) => {
                tracing::warn!(target: subsystem::TAILSCALE, %address, claimed = login, "could not check an identity with Tailscale: {error}");
                TailscaleIdentity::Unchecked
            }
        }
    }

    /// Whose machine has `address`.
    async fn owner(&self, address: IpAddr, now_ms: u64) -> Result<Owner, Unasked> {
        if let Some(owner) = self.known().get(address, now_ms) {
            return Ok(owner);
        }
        let turn = tokio::time::timeout(TURN, self.room.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Unasked::Busy) };
        // Somebody else may have asked the same meanwhile.
        if let Some(owner) = self.known().get(address, now_ms) {
            return Ok(owner);
        }
        let (path, cancel) = (self.path.clone(), self.cancel.clone());
        let asked =
            tokio::task::spawn_blocking(move || Tailscale::find(path.as_deref(), &cancel)?.whois(address));
        let owner = asked.await.map_err(|_| Unasked::Busy)??;
        self.known().put(address, owner.clone(), now_ms);
        Ok(owner)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tailnet {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Unasked {
    #[error("too many questions at the same time")]
    Busy,
    #[error(transparent)]
    Failed(#[from] TailscaleError),
}

// === impl Known ===

impl Known {
    fn get(&self, address: IpAddr, now_ms: u64) -> Option<Owner> {
        let (owner, asked_ms) = self.owners.get(&address)?;
        is_fresh(owner, *asked_ms, now_ms).then(|| owner.clone())
    }

    fn put(&mut self, address: IpAddr, owner: Owner, now_ms: u64) {
        self.owners.retain(|_, (owner, asked_ms)| is_fresh(owner, *asked_ms, now_ms));
        if self.owners.len() >= ADDRESSES {
            let oldest = self.owners.iter().min_by_key(|(_, (_, asked_ms))| *asked_ms);
            if let Some(address) = oldest.map(|(address, _)| *address) {
                self.owners.remove(&address);
            }
        }
        self.owners.insert(address, (owner, now_ms));
    }
}

/// Whose program is at the other end. Off the runtime's thread: the table of all sockets may be long.
async fn who_claims(ends: Option<Ends>) -> Client {
    let Some(Ends { peer, own }) = ends else { return Client::Untold };
    tokio::task::spawn_blocking(move || ports::client(peer, own)).await.unwrap_or(Client::Gone)
}

/// A user counts, a tag does not: Tailscale's proxy names nobody for it.
fn login_of(owner: &Owner) -> Option<&str> {
    match owner {
        Owner::User(login) => Some(login),
        Owner::Tagged | Owner::Nobody => None,
    }
}

fn is_fresh(owner: &Owner, asked_ms: u64, now_ms: u64) -> bool {
    let limit_ms = if *owner == Owner::Nobody { FRESH_NOBODY_MS } else { FRESH_MS };
    // A clock that was set back makes nothing fresh for longer.
    now_ms.checked_sub(asked_ms).is_some_and(|age_ms| age_ms < limit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::V4((0x6440_0000 + number).into())
    }

    #[test]
    fn answers_are_kept_for_a_while() {
        let ada = Owner::User("ada@example.org".to_owned());
        let mut known = Known::default();
        known.put(address(1), ada.clone(), 1_000);
        known.put(address(2), Owner::Nobody, 1_000);
        assert_eq!(known.get(address(1), 1_000 + FRESH_MS - 1), Some(ada));
        assert_eq!(known.get(address(1), 1_000 + FRESH_MS), None);
        assert_eq!(known.get(address(1), 999), None, "the clock was set back");
        assert_eq!(known.get(address(2), 1_000 + FRESH_NOBODY_MS - 1), Some(Owner::Nobody));
        assert_eq!(known.get(address(2), 1_000 + FRESH_NOBODY_MS), None);
        assert_eq!(known.get(address(3), 1_000), None);
    }

    #[test]
    fn their_number_is_bounded() {
        let mut known = Known::default();
        for number in 0..1_000 {
            known.put(address(number), Owner::Tagged, u64::from(number));
        }
        assert_eq!(known.owners.len(), ADDRESSES);
        assert!(known.get(address(999), 999).is_some());
    }
}
