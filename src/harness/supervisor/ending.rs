//! What the supervisor decides when a process ended. Pure, one part of [`super::step`].

use std::time::Duration;

use super::backoff;
use super::notice::{Notice, Trigger};
use super::state::{Candidate, Generation, Live, Phase, PlanId, Retirement, Succession};
use super::step::Step;

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Exit {
    /// For people.
    pub reason: String,
    /// What it means.
    pub kind: ExitKind,
}

/// What the end of a process means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// It may be tried again.
    Died,
    /// A retry without a change cannot help; the exit code that says so.
    Refused(u8),
    /// It had nothing left to do.
    Done,
}

impl Exit {
    /// One after which it may be tried again.
    pub fn died(reason: String) -> Self {
        Self { reason, kind: ExitKind::Died }
    }
}

impl Step {
    pub(super) fn exited(&mut self, generation: Generation, exit: &Exit) {
        let clear_up = self.now + self.state.limits.escalation * 4;
        if let Some(retiring) =
            self.state.retiring.iter_mut().find(|retiring| retiring.generation == generation)
        {
            retiring.stage = Retirement::Exited;
            retiring.deadline = clear_up;
            return;
        }
        match self.take_phase() {
            Phase::Preparing { old, new, .. } if new.generation == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                self.candidate_failed(old, new, exit);
            }
            Phase::Preparing { old: Some(old), new, deadline } if old.generation == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                self.tell(Notice::Crashed {
                    generation,
                    pid: Some(old.pid),
                    reason: exit.reason.clone(),
                    retry_in: Some(Duration::ZERO),
                    rollback: false,
                });
                self.state.phase = Phase::Preparing { old: None, new, deadline };
            }
            Phase::Releasing { old, new, .. } if old == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                self.activate(new);
            }
            Phase::Releasing { old, new, killed, deadline } if new.generation == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                let stage = if killed { Retirement::Killed } else { Retirement::Draining };
                self.retire(old, stage, deadline);
                self.crashed(generation, new.pid, new.plan, None, exit);
            }
            Phase::Activating { new, .. } if new.generation == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                self.crashed(generation, new.pid, new.plan, None, exit);
            }
            Phase::Ending { old, triggers, asked, .. } if old == generation => {
                let (stage, deadline) = (Retirement::Exited, clear_up);
                self.state.phase = Phase::Ending { old, stage, triggers, asked, deadline };
            }
            Phase::Serving { live, .. } if live.generation == generation && exit.kind == ExitKind::Done => {
                self.retire(generation, Retirement::Exited, clear_up);
                self.finished(&live);
            }
            Phase::Serving { live, .. } if live.generation == generation => {
                self.retire(generation, Retirement::Exited, clear_up);
                let served = self.now - live.since;
                self.crashed(generation, Some(live.pid), live.plan, Some(served), exit);
            }
            phase => self.state.phase = phase,
        }
    }

    /// A candidate came to nothing before it touched the running generation.
    pub(super) fn candidate_failed(&mut self, old: Option<Live>, new: Candidate, exit: &Exit) {
        let Some(old) = old else {
            let first = self.state.good_plan.is_none() && self.state.gaps.is_empty();
            if let (true, ExitKind::Refused(code)) = (first, exit.kind) {
                self.tell(Notice::Crashed {
                    generation: new.generation,
                    pid: new.pid,
                    reason: exit.reason.clone(),
                    retry_in: None,
                    rollback: false,
                });
                self.state.phase = self.stopping(code, code);
            } else {
                self.crashed(new.generation, new.pid, new.plan, None, exit);
            }
            return;
        };
        if self.state.plan == new.plan {
            self.state.plan = old.plan;
        }
        self.tell(Notice::Kept {
            candidate: new.generation,
            triggers: new.triggers,
            pid: old.pid,
            reason: exit.reason.clone(),
        });
        self.serve(old);
        self.begin_pending();
    }

    /// Nobody serves: retry at once, later, or with the last good plan.
    pub(super) fn crashed(
        &mut self,
        generation: Generation,
        pid: Option<u32>,
        plan: PlanId,
        served: Option<Duration>,
        exit: &Exit,
    ) {
        if served.is_some_and(|served| served >= self.state.limits.health) {
            self.state.attempt = 0;
        }
        // A command reads the files themselves, and they stay as they are.
        let returns = self.state.succession == Succession::Handover;
        let good = self.state.good_plan.filter(|good| returns && *good != plan && self.state.plan == plan);
        let on_probation = served.is_none_or(|served| served < self.state.limits.probation);
        let pending = std::mem::take(&mut self.state.pending);
        self.state.pending_since = None;
        let (triggers, delay, rollback) = if !pending.is_empty() {
            (pending, Duration::ZERO, false)
        } else if let (Some(good), true) = (good, on_probation) {
            self.state.plan = good;
            (vec![Trigger::Rollback], Duration::ZERO, true)
        } else {
            let delay = backoff::delay(self.state.attempt, &mut self.state.jitter);
            self.state.attempt += 1;
            (vec![Trigger::Crash], delay, false)
        };
        self.tell(Notice::Crashed {
            generation,
            pid,
            reason: exit.reason.clone(),
            retry_in: Some(delay),
            rollback,
        });
        self.state.phase = Phase::Backoff { triggers, until: self.now + delay };
    }
}
