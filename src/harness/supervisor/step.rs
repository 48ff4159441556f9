//! The decisions of the supervisor: `(state, event, now)` → state and actions. Pure.

use std::time::{Duration, Instant};

pub use super::ending::{Exit, ExitKind};
use super::notice::{Notice, Service, Timing, Trigger};
use super::state::{
    Candidate, Generation, Heartbeat, Live, Phase, PlanId, Retirement, Retiring, State, Succession,
};

/// Gaps remembered for what clients are told at the next restart.
const GAPS: usize = 9;

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Something effective changed, or a reload was asked for.
    Changed {
        /// What it was.
        triggers: Vec<Trigger>,
        /// The plan to use from now on, when the configuration is part of it.
        plan: Option<PlanId>,
        /// When it was asked for; for an edit, its last event.
        at: Instant,
    },
    /// The process of a generation exists.
    Started(Generation, u32),
    /// A generation loaded everything.
    Ready(Generation),
    /// A generation serves.
    Serving(Generation, Service),
    /// Another configuration, which the serving generation can take over in place.
    Applicable {
        /// What changed.
        triggers: Vec<Trigger>,
        /// Keys that keep their old values meanwhile.
        waiting: Vec<String>,
        /// The plan with that configuration.
        plan: PlanId,
        /// When the last event of the edit was seen.
        at: Instant,
    },
    /// A generation gave back what only one may hold.
    Released(Generation),
    /// The process of a generation ended.
    Exited(Generation, Exit),
    /// Nothing of a generation is left.
    Gone(Generation),
    /// A generation answered its heartbeat.
    Pong(Generation, u64),
    /// [`State::deadline`] has passed.
    Deadline,
    /// A stop was asked for; asked a second time it means at once.
    Stop {
        /// Exit code if something has to be killed.
        cut_code: u8,
    },
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start a generation in standby.
    Spawn {
        /// Its number.
        generation: Generation,
        /// Its plan.
        plan: PlanId,
    },
    /// Let it take over.
    Activate(Generation),
    /// Let it use another plan's configuration, and say so once it does.
    Apply {
        /// Which.
        generation: Generation,
        /// The plan.
        plan: PlanId,
        /// What is told then.
        then: Applying,
    },
    /// Let it release the state and say goodbye.
    Drain {
        /// Which.
        generation: Generation,
        /// What its clients are told; `None` on a stop.
        restart_expected_ms: Option<u64>,
    },
    /// SIGTERM to its process group.
    Terminate(Generation),
    /// SIGKILL to everything of it.
    Kill(Generation),
    /// Stop waiting for it.
    Abandon(Generation),
    /// Send a heartbeat.
    Ping(Generation, u64),
    /// Say it.
    Tell(Notice),
}

/// A configuration that a generation is about to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applying {
    /// Process id of the generation.
    pub pid: u32,
    /// What changed.
    pub triggers: Vec<Trigger>,
    /// Dotted paths that keep their old values.
    pub waiting: Vec<String>,
    /// When the last event of the edit was seen.
    pub at: Instant,
}

/// One step: what is true after `event`, and what has to be done. Never panics, whatever comes in what order.
pub fn step(state: State, event: Event, now: Instant) -> (State, Vec<Action>) {
    let mut step = Step { state, actions: Vec::new(), now };
    match event {
        Event::Changed { triggers, plan, at } => step.changed(triggers, plan, at),
        Event::Applicable { triggers, waiting, plan, at } => step.applicable(triggers, waiting, plan, at),
        Event::Started(generation, pid) => step.started(generation, pid),
        Event::Ready(generation) => step.ready(generation),
        Event::Serving(generation, service) => step.serving(generation, service),
        Event::Released(generation) => step.released(generation),
        Event::Exited(generation, exit) => step.exited(generation, &exit),
        Event::Gone(generation) => step.gone(generation),
        Event::Pong(generation, nonce) => step.pong(generation, nonce),
        Event::Deadline => step.deadline(),
        Event::Stop { cut_code } => step.stop(cut_code),
    }
    step.finish_stop();
    (step.state, step.actions)
}

/// State under change, and the actions so far.
pub(super) struct Step {
    pub(super) state: State,
    pub(super) actions: Vec<Action>,
    pub(super) now: Instant,
}

impl Step {
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    pub(super) fn tell(&mut self, notice: Notice) {
        self.actions.push(Action::Tell(notice));
    }

    /// Takes the phase out; every caller puts another one in.
    pub(super) fn take_phase(&mut self) -> Phase {
        std::mem::replace(&mut self.state.phase, Phase::Stopped { code: 0 })
    }

    pub(super) fn changed(&mut self, mut triggers: Vec<Trigger>, plan: Option<PlanId>, at: Instant) {
        if matches!(self.state.phase, Phase::Stopping { .. } | Phase::Stopped { .. }) {
            return;
        }
        if let Some(plan) = plan {
            self.state.plan = plan;
        }
        match self.take_phase() {
            Phase::Serving { live, heartbeat } if !matches!(heartbeat, Heartbeat::Killed { .. }) => {
                self.follow(triggers, live, at);
            }
            Phase::Ending { old, stage, triggers: mut before, asked, deadline } => {
                triggers.retain(|trigger| !before.contains(trigger));
                before.append(&mut triggers);
                self.state.phase = Phase::Ending { old, stage, triggers: before, asked, deadline };
            }
            phase @ Phase::Preparing { .. } if self.state.succession != Succession::Handover => {
                self.supersede(phase, triggers, at);
            }
            Phase::Backoff { .. } | Phase::Idle { .. } => {
                self.state.attempt = 0;
                self.begin(triggers, None, at);
            }
            phase => {
                self.state.phase = phase;
                triggers.retain(|trigger| !self.state.pending.contains(trigger));
                self.state.pending.append(&mut triggers);
                self.state.pending_since.get_or_insert(at);
            }
        }
    }

    /// Starts the next generation beside `old`.
    pub(super) fn begin(&mut self, triggers: Vec<Trigger>, old: Option<Live>, asked: Instant) {
        let generation = Generation(self.state.last_generation.0 + 1);
        self.state.last_generation = generation;
        let plan = self.state.plan;
        self.act(Action::Spawn { generation, plan });
        let replaces = old.as_ref().map(|old| old.generation);
        self.tell(Notice::Starting { generation, triggers: triggers.clone(), replaces });
        let new = Candidate {
            generation,
            plan,
            triggers,
            asked: asked.min(self.now),
            spawned: self.now,
            ready: None,
            draining: None,
            activated: None,
            pid: None,
        };
        self.state.phase = Phase::Preparing { old, new, deadline: self.now + self.state.limits.ready };
    }

    /// Goes round again for what changed meanwhile.
    pub(super) fn begin_pending(&mut self) {
        if self.state.pending.is_empty() {
            return;
        }
        match self.take_phase() {
            Phase::Serving { live, .. } => {
                let triggers = std::mem::take(&mut self.state.pending);
                let asked = self.state.pending_since.take().unwrap_or(self.now);
                self.follow(triggers, live, asked);
            }
            phase => self.state.phase = phase,
        }
    }

    fn started(&mut self, generation: Generation, pid: u32) {
        match &mut self.state.phase {
            Phase::Preparing { new, .. } | Phase::Releasing { new, .. } | Phase::Activating { new, .. }
                if new.generation == generation =>
            {
                new.pid = Some(pid);
            }
            _ => {}
        }
    }

    fn ready(&mut self, generation: Generation) {
        match self.take_phase() {
            Phase::Preparing { old, mut new, .. } if new.generation == generation => {
                new.ready = Some(self.now);
                if let Some(old) = old {
                    self.settle_probation(&old);
                    let restart_expected_ms = Some(self.expected_gap_ms());
                    self.act(Action::Drain { generation: old.generation, restart_expected_ms });
                    new.draining = Some(self.now);
                    let deadline = self.now + self.state.limits.release;
                    self.state.phase = Phase::Releasing { old: old.generation, killed: false, new, deadline };
                } else if let Some(holder) = self.take_holder() {
                    self.state.phase = Phase::Releasing {
                        old: holder.generation,
                        killed: holder.stage == Retirement::Killed,
                        new,
                        deadline: holder.deadline,
                    };
                } else {
                    self.activate(new);
                }
            }
            phase => self.state.phase = phase,
        }
    }

    /// Takes out a generation that is on its way out but may still hold the state.
    fn take_holder(&mut self) -> Option<Retiring> {
        let holds =
            |stage| matches!(stage, Retirement::Draining | Retirement::Terminated | Retirement::Killed);
        let (index, _) = self
            .state
            .retiring
            .iter()
            .enumerate()
            .filter(|(_, retiring)| holds(retiring.stage))
            .min_by_key(|(_, retiring)| retiring.stage)?;
        Some(self.state.retiring.remove(index))
    }

    pub(super) fn activate(&mut self, mut new: Candidate) {
        new.activated = Some(self.now);
        self.act(Action::Activate(new.generation));
        self.state.phase = Phase::Activating { new, deadline: self.now + self.state.limits.serving };
    }

    fn released(&mut self, generation: Generation) {
        let leaving = self.now + self.state.limits.goodbye;
        match self.take_phase() {
            Phase::Releasing { old, new, killed, .. } if old == generation => {
                let stage = if killed { Retirement::Killed } else { Retirement::Leaving };
                self.retire(old, stage, leaving);
                self.activate(new);
            }
            // Somebody sent the gateway itself a signal. It has let go, so the next one need not wait for its end.
            Phase::Serving { live, .. } if live.generation == generation => {
                self.retire(generation, Retirement::Leaving, leaving);
                let served = (self.now - live.since).max(self.state.limits.probation);
                let exit = Exit { reason: "it was told to end by a signal".to_owned(), kind: ExitKind::Died };
                self.crashed(generation, Some(live.pid), live.plan, Some(served), &exit);
            }
            Phase::Preparing { old: Some(old), new, deadline } if old.generation == generation => {
                self.retire(generation, Retirement::Leaving, leaving);
                self.state.phase = Phase::Preparing { old: None, new, deadline };
            }
            phase => {
                self.state.phase = phase;
                for retiring in &mut self.state.retiring {
                    if retiring.generation == generation && retiring.stage == Retirement::Draining {
                        retiring.stage = Retirement::Leaving;
                        retiring.deadline = leaving;
                    }
                }
            }
        }
    }

    fn serving(&mut self, generation: Generation, service: Service) {
        match self.take_phase() {
            Phase::Activating { new, .. } if new.generation == generation => {
                let activated = new.activated.unwrap_or(self.now);
                let unserved_since = new.draining.unwrap_or(activated);
                self.state.gaps.push_back(self.now - unserved_since);
                if self.state.gaps.len() > GAPS {
                    self.state.gaps.pop_front();
                }
                let timing = Timing {
                    debounce: new.spawned - new.asked,
                    prepare: new.ready.unwrap_or(new.spawned) - new.spawned,
                    drain: new.draining.map_or(Duration::ZERO, |draining| activated - draining),
                    activate: self.now - activated,
                    total: self.now - new.asked,
                };
                let live = Live { generation, plan: new.plan, since: self.now, pid: service.pid() };
                self.tell(Notice::Serving { generation, triggers: new.triggers, service, timing });
                self.serve(live);
                self.begin_pending();
            }
            phase => self.state.phase = phase,
        }
    }

    /// Back to, or on to, plain serving.
    pub(super) fn serve(&mut self, live: Live) {
        let heartbeat = Heartbeat::Due(self.now + self.state.limits.first_heartbeat);
        self.state.phase = Phase::Serving { live, heartbeat };
    }

    fn pong(&mut self, generation: Generation, answered: u64) {
        let next = self.now + self.state.limits.heartbeat;
        if let Phase::Serving { live, heartbeat } = &mut self.state.phase
            && live.generation == generation
            && matches!(heartbeat, Heartbeat::Sent { nonce, .. } if *nonce == answered)
        {
            *heartbeat = Heartbeat::Due(next);
        }
    }

    pub(super) fn retire(&mut self, generation: Generation, stage: Retirement, deadline: Instant) {
        self.state.retiring.push(Retiring { generation, stage, deadline });
    }

    /// Median of the recent gaps, rounded up: what an interrupted client may honestly be told.
    fn expected_gap_ms(&self) -> u64 {
        let mut gaps: Vec<Duration> = self.state.gaps.iter().copied().collect();
        gaps.sort_unstable();
        let median = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
        u64::try_from(median.as_micros().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
    }

    /// Remembers the plan of a generation that outlived its probation.
    pub(super) fn settle_probation(&mut self, live: &Live) {
        if self.now >= live.since + self.state.limits.probation {
            self.state.good_plan = Some(live.plan);
        }
    }

    fn gone(&mut self, generation: Generation) {
        let exit = Exit { reason: "its keeper ended".to_owned(), kind: ExitKind::Died };
        self.exited(generation, &exit);
        self.ended(generation);
        self.state.retiring.retain(|retiring| retiring.generation != generation);
    }
}

#[cfg(test)]
mod tests;
