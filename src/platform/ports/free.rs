//! Freeing a port: who stands in the way is looked at first, as a whole; then they are asked to end, and killed if
//! they do not.
//!
//! A signal goes only to a process that was seen at the port, is held by a handle since then, and was seen there
//! again as the same process after that. So a number that changes hands in between costs nobody their process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::holder::{HolderProcess, PortHolder};
use super::inspector::{InspectError, PortInspector};
use super::origin::manager_of;
use super::unit;
use super::victims::{Own, Untouchable, ancestors, roots, victims};
use crate::platform::exec::SystemRunner;
use crate::platform::net;
use crate::platform::process::{Ending, OtherProcess};

/// How long a process has to end by itself.
const PATIENCE: Duration = Duration::from_millis(700);
/// How long the port is waited for in all.
const LIMIT: Duration = Duration::from_secs(2);
/// How long a holder that cannot be seen is looked for: a process that is ending shows nothing of itself any more,
/// and its sockets are there for a moment still.
const VANISHING: Duration = Duration::from_secs(1);
/// How often it is tried to listen.
const STEP: Duration = Duration::from_millis(5);
/// How often it is looked who holds the port, which reads a lot.
const LOOK: Duration = Duration::from_millis(50);

/// Who stands in the way, and may be ended.
#[derive(Debug)]
pub struct Survey {
    addresses: Vec<SocketAddr>,
    port: u16,
    inspector: Box<dyn PortInspector>,
    own: Own,
    victims: Vec<HolderProcess>,
    parents: BTreeMap<u32, u32>,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Freed {
    /// Everybody who got a signal, in that order.
    pub killed: Vec<HolderProcess>,
    /// Whether somebody did not end when asked.
    pub escalated: bool,
    /// From the first signal until the port was free.
    pub waited: Duration,
    /// Whether it is.
    pub is_free: bool,
    /// Who holds it all the same, as far as that can be seen.
    pub left: Vec<PortHolder>,
}

/// Why nobody is ended.
#[derive(Debug, thiserror::Error)]
pub enum FreeError {
    /// One of the holders is not to be ended.
    #[error(transparent)]
    Untouchable(#[from] Untouchable),
    /// It cannot be found out who holds the port.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The port is taken, and by nobody.
    #[error("whoever holds it cannot be seen from here")]
    Unseen,
}

// === impl Survey ===

impl Survey {
    /// Looks who keeps this process from listening on `addresses`, all of the same port. Ends nobody.
    pub fn take(addresses: &[SocketAddr], inspector: Box<dyn PortInspector>) -> Result<Self, FreeError> {
        let own = own();
        let port = addresses.first().map_or(0, SocketAddr::port);
        let addresses = addresses.to_vec();
        let mut survey =
            Self { addresses, port, inspector, own, victims: Vec::new(), parents: BTreeMap::new() };
        let deadline = Instant::now() + VANISHING;
        survey.victims = loop {
            match survey.look() {
                Err(FreeError::Unseen | FreeError::Untouchable(Untouchable::Hidden(_)))
                    if Instant::now() < deadline =>
                {
                    pause();
                }
                found => break found?,
            }
        };
        match unit::managed(&survey.victims, manager_of(own.pid).as_ref(), &SystemRunner) {
            Some(untouchable) => Err(untouchable.into()),
            None => Ok(survey),
        }
    }

    /// Who is there now, and whether they may all be ended.
    fn look(&mut self) -> Result<Vec<HolderProcess>, FreeError> {
        let taken = self.taken();
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        self.parents = self.inspector.parents()?;
        let holders = self.in_the_way_of(&taken)?;
        if holders.is_empty() {
            return Err(FreeError::Unseen);
        }
        Ok(victims(&holders, &self.parents, self.own)?)
    }

    /// Whether nobody stands in the way.
    pub fn is_free(&self) -> bool {
        self.victims.is_empty()
    }

    /// Whether a process is one that will be ended, or descends from one.
    pub fn ends(&self, pid: u32) -> bool {
        let ended = |pid: u32| self.victims.iter().any(|victim| victim.pid == pid);
        ended(pid) || ancestors(pid, &self.parents).any(ended)
    }

    /// Ends them, and waits until it is possible to listen, or for `LIMIT`. Blocks meanwhile.
    pub fn free(mut self) -> Freed {
        let mut freed = Freed::default();
        let mut opened = Vec::new();
        let victims = std::mem::take(&mut self.victims);
        open(victims, &mut opened);
        let begin = Instant::now();
        let mut next_look = begin;
        loop {
            let taken = self.taken();
            freed.waited = begin.elapsed();
            if taken.is_empty() {
                freed.is_free = true;
                return freed;
            }
            if freed.waited >= LIMIT {
                freed.left = self.in_the_way_of(&taken).unwrap_or_else(|error| {
                    tracing::warn!(%error, "who still holds the port is not known");
                    Vec::new()
                });
                return freed;
            }
            let ending = if freed.waited < PATIENCE { Ending::Asked } else { Ending::Killed };
            if Instant::now() >= next_look {
                if let Err(error) = self.turn(ending, &taken, &mut opened, &mut freed) {
                    // Somebody else took the port meanwhile, who is not to be ended; it is told in the end.
                    tracing::warn!(%error, "nobody more is ended");
                }
                next_look = Instant::now() + LOOK;
            }
            pause();
        }
    }

    /// Looks again, and ends whoever was seen before and is there still.
    fn turn(
        &self,
        ending: Ending,
        taken: &[SocketAddr],
        opened: &mut Vec<Opened>,
        freed: &mut Freed,
    ) -> Result<(), FreeError> {
        let parents = self.inspector.parents()?;
        let present = victims(&self.in_the_way_of(taken)?, &parents, self.own)?;
        let pids: Vec<u32> = present.iter().map(|process| process.pid).collect();
        let targets = if ending == Ending::Asked { roots(&pids, &parents) } else { pids };
        for process in &present {
            let same = |opened: &&mut Opened| opened.process.is_same(process);
            let Some(known) = opened.iter_mut().find(same) else { continue };
            if !targets.contains(&process.pid) || known.ended >= Some(ending) {
                continue;
            }
            match known.handle.end(ending) {
                Ok(()) if known.ended.is_none() => freed.killed.push(process.clone()),
                Ok(()) => {}
                Err(error) => tracing::warn!(pid = process.pid, %error, "failed to end a process"),
            }
            known.ended = Some(ending);
            freed.escalated |= ending == Ending::Killed;
        }
        let unknown = |process: &HolderProcess| !opened.iter().any(|known| known.process.is_same(process));
        let new: Vec<HolderProcess> = present.into_iter().filter(unknown).collect();
        open(new, opened);
        Ok(())
    }

    /// The addresses that somebody else listens on. Whatever else is wrong with one is told when it is bound.
    fn taken(&self) -> Vec<SocketAddr> {
        self.addresses.iter().copied().filter(|address| net::is_taken(*address)).collect()
    }

    fn in_the_way_of(&self, taken: &[SocketAddr]) -> Result<Vec<PortHolder>, InspectError> {
        let mut holders = self.inspector.holders(self.port)?;
        holders.retain(|holder| taken.iter().any(|address| holder.is_in_the_way_of(*address)));
        Ok(holders)
    }
}

/// A process that was seen, and what it got.
#[derive(Debug)]
struct Opened {
    process: HolderProcess,
    handle: OtherProcess,
    ended: Option<Ending>,
}

/// One that is gone by now needs no handle.
fn open(processes: Vec<HolderProcess>, opened: &mut Vec<Opened>) {
    opened.extend(processes.into_iter().filter_map(|process| {
        let handle = OtherProcess::open(process.pid).ok()?;
        Some(Opened { process, handle, ended: None })
    }));
}

#[cfg(unix)]
fn own() -> Own {
    Own { pid: std::process::id(), uid: Some(rustix::process::geteuid().as_raw()) }
}

/// The tables here name no users, and the system refuses to end a process of another one.
#[cfg(not(unix))]
fn own() -> Own {
    Own { pid: std::process::id(), uid: None }
}

#[expect(clippy::disallowed_methods, reason = "a port that becomes free announces itself to nobody")]
fn pause() {
    std::thread::sleep(STEP);
}
