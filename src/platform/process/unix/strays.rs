//! Processes that came to this one because whoever kept them was killed.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal as listen};
use tokio::time::{Instant, timeout_at};

use super::children::{Reaped, Target, reap, signal};
use super::tree::children_of;
use crate::platform::process::ExitReport;

/// The children that this process has started on purpose. Everything else that is its child is a stray.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known(Arc<Mutex<BTreeSet<u32>>>);

/// What became of the strays.
#[derive(Debug, Default)]
pub(crate) struct StrayEnd {
    /// Those that ended, and how.
    pub(crate) ended: Vec<(u32, ExitReport)>,
    /// Those that survived SIGKILL until the deadline.
    pub(crate) left: Vec<u32>,
}

impl Known {
    /// Held while a process is started and entered, so that nobody takes it for a stray in between.
    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn strays(&self) -> Vec<u32> {
        let known = self.lock();
        children_of(std::process::id()).into_iter().filter(|pid| !known.contains(pid)).collect()
    }
}

/// Kills and collects every child that is not known, and the children that come to us by that, until none is
/// left or the time is over.
pub(crate) async fn end_strays(known: &Known, limit: Duration) -> io::Result<StrayEnd> {
    let deadline = Instant::now() + limit;
    let mut child_ended = listen(SignalKind::child())?;
    let mut end = StrayEnd::default();
    loop {
        let strays = known.strays();
        if strays.is_empty() {
            return Ok(end);
        }
        let before = end.ended.len();
        for pid in &strays {
            signal(Target::Process(*pid), Signal::KILL);
            if let Reaped::Child(pid, report) = reap(Some(*pid)) {
                end.ended.push((pid, report));
            }
        }
        if end.ended.len() == before && timeout_at(deadline, child_ended.recv()).await.is_err() {
            end.left = strays;
            return Ok(end);
        }
    }
}
