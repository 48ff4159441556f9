//! What is true of the supervised generations at one moment. Data only; [`super::step`] moves it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::notice::Trigger;

/// Number of a generation, from 1; never used twice in the life of a harness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// Names a plan (configuration snapshot, settings, listeners) that the driver keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanId(pub u64);

/// Time limits of the waiting states.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From spawn to `Ready`.
    pub ready: Duration,
    /// From `Drain` to `Released`.
    pub release: Duration,
    /// From `Activate` to `Serving`.
    pub serving: Duration,
    /// From `Released` to the exit of the old generation.
    pub goodbye: Duration,
    /// From SIGTERM to SIGKILL, and from SIGKILL to giving up on a process.
    pub escalation: Duration,
    /// From a stop signal to SIGKILL.
    pub stop: Duration,
    /// From the begin of service to the first heartbeat. New code hangs sooner than code that has served for long.
    pub first_heartbeat: Duration,
    /// Between two heartbeats of the serving generation.
    pub heartbeat: Duration,
    /// From a heartbeat to its answer.
    pub heartbeat_answer: Duration,
    /// A generation that dies this soon after it served has a bad plan: the last good one comes back.
    pub probation: Duration,
    /// After this much service the retry delay starts over.
    pub health: Duration,
}

/// Everything the supervisor knows.
#[derive(Debug, Clone)]
pub struct State {
    /// What is going on.
    pub phase: Phase,
    /// Generations that are on their way out; they own their processes until these are gone.
    pub retiring: Vec<Retiring>,
    /// Changes that arrived while another generation was under way.
    pub pending: Vec<Trigger>,
    /// When the first of them was asked for.
    pub pending_since: Option<Instant>,
    /// The plan that the next generation gets.
    pub plan: PlanId,
    /// The newest plan whose generation outlived its probation.
    pub good_plan: Option<PlanId>,
    /// How long recent swaps left clients unserved, newest last.
    pub gaps: VecDeque<Duration>,
    /// Retries since the last healthy generation.
    pub attempt: u32,
    /// The last number given to a generation.
    pub last_generation: Generation,
    /// Heartbeats sent so far; numbers them.
    pub pings: u64,
    /// State of the jitter generator.
    pub jitter: u64,
    /// How one generation follows another.
    pub succession: Succession,
    /// Time limits.
    pub limits: Limits,
}

/// How one generation follows another, by what is supervised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Succession {
    /// Our own gateway: the next one loads beside it, it is told to drain, and an old configuration can come back.
    Handover,
    /// A command that may run twice: the next one gets ready beside it, then it gets its signal.
    Beside,
    /// A command that may not: it gets its signal, and the next one starts when nothing is left of it.
    After,
}

/// What is going on. Every variant but [`Phase::Stopped`] has a deadline.
#[derive(Debug, Clone)]
pub enum Phase {
    /// A candidate loads everything; the old generation, if there is one, serves.
    Preparing {
        /// The generation that serves meanwhile.
        old: Option<Live>,
        /// The candidate.
        new: Candidate,
        /// When it is given up.
        deadline: Instant,
    },
    /// The candidate is ready; the old generation was told to release what only one may hold.
    Releasing {
        /// The generation that drains.
        old: Generation,
        /// Whether it was killed because it did not release in time.
        killed: bool,
        /// The candidate.
        new: Candidate,
        /// When the old one is killed, or, once killed, no longer waited for.
        deadline: Instant,
    },
    /// The candidate takes over.
    Activating {
        /// The candidate.
        new: Candidate,
        /// When it is given up.
        deadline: Instant,
    },
    /// One generation serves and nothing else is going on.
    Serving {
        /// The generation.
        live: Live,
        /// Its heartbeat.
        heartbeat: Heartbeat,
    },
    /// The generation that served was told to end; the next one starts when nothing is left of it.
    Ending {
        /// Its number.
        old: Generation,
        /// How far its end is.
        stage: Retirement,
        /// Why the next one is started.
        triggers: Vec<Trigger>,
        /// When it was asked for.
        asked: Instant,
        /// When the old one is killed, or, once killed, no longer waited for.
        deadline: Instant,
    },
    /// Nothing runs, and nothing is started before something changes.
    Idle {
        /// When that is looked at again; nothing comes of it.
        deadline: Instant,
    },
    /// Nobody serves; the next attempt waits.
    Backoff {
        /// Why the next generation is started.
        triggers: Vec<Trigger>,
        /// When.
        until: Instant,
    },
    /// Everything ends.
    Stopping {
        /// Exit code if nothing has to be killed.
        clean_code: u8,
        /// Exit code once something was killed.
        cut_code: u8,
        /// Whether something was killed.
        cut_short: bool,
        /// When the rest is killed, or, once killed, no longer waited for.
        deadline: Instant,
    },
    /// Nothing is left to do.
    Stopped {
        /// Exit code of the harness.
        code: u8,
    },
}

/// A generation on its way to serving.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its number.
    pub generation: Generation,
    /// Its plan.
    pub plan: PlanId,
    /// What it was started for.
    pub triggers: Vec<Trigger>,
    /// When it was asked for; for an edit, its last event.
    pub asked: Instant,
    /// When it was spawned.
    pub spawned: Instant,
    /// When it reported ready.
    pub ready: Option<Instant>,
    /// When the old generation was told to drain.
    pub draining: Option<Instant>,
    /// When it was told to take over.
    pub activated: Option<Instant>,
    /// Process id, once known.
    pub pid: Option<u32>,
}

/// The generation that serves.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its number.
    pub generation: Generation,
    /// Its plan.
    pub plan: PlanId,
    /// Since when it serves.
    pub since: Instant,
    /// Process id.
    pub pid: u32,
}

/// Heartbeat of the serving generation.
#[derive(Debug, Clone, Copy)]
pub enum Heartbeat {
    /// The next one is sent then.
    Due(Instant),
    /// One was sent.
    Sent {
        /// Echoed by the answer.
        nonce: u64,
        /// When the generation counts as hung.
        deadline: Instant,
    },
    /// It was found hung and killed; its exit is awaited.
    Killed {
        /// When the exit is no longer waited for.
        deadline: Instant,
    },
}

/// A generation that is on its way out.
#[derive(Debug, Clone)]
pub struct Retiring {
    /// Its number.
    pub generation: Generation,
    /// How far it is.
    pub stage: Retirement,
    /// When the next stage is forced.
    pub deadline: Instant,
}

/// Stages of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retirement {
    /// Told to drain; still holds the state.
    Draining,
    /// Released the state; says goodbye.
    Leaving,
    /// SIGTERM was sent.
    Terminated,
    /// SIGKILL was sent.
    Killed,
    /// Its process ended; its keeper clears up what is left.
    Exited,
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        Self {
            ready: Duration::from_secs(10),
            release: Duration::from_secs(1),
            serving: Duration::from_secs(5),
            goodbye: Duration::from_secs(2),
            escalation: Duration::from_millis(700),
            stop: Duration::from_secs(5),
            first_heartbeat: Duration::from_secs(15),
            heartbeat: Duration::from_mins(1),
            heartbeat_answer: Duration::from_secs(5),
            probation: Duration::from_secs(1),
            health: Duration::from_secs(30),
        }
    }
}

// === impl State ===

impl State {
    /// Nothing runs yet; generation 1 is due at once.
    pub fn new(plan: PlanId, limits: Limits, jitter_seed: u64, now: Instant) -> Self {
        Self {
            phase: Phase::Backoff { triggers: vec![Trigger::Start], until: now },
            retiring: Vec::new(),
            pending: Vec::new(),
            pending_since: None,
            plan,
            good_plan: None,
            gaps: VecDeque::new(),
            attempt: 0,
            last_generation: Generation(0),
            pings: 0,
            jitter: jitter_seed | 1,
            succession: Succession::Handover,
            limits,
        }
    }

    /// When something is due even if nothing happens. `None` only when stopped.
    pub fn deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Preparing { deadline, .. }
            | Phase::Releasing { deadline, .. }
            | Phase::Activating { deadline, .. }
            | Phase::Ending { deadline, .. }
            | Phase::Idle { deadline }
            | Phase::Stopping { deadline, .. } => *deadline,
            Phase::Serving { live, heartbeat } => {
                let beat = match heartbeat {
                    Heartbeat::Due(at) => *at,
                    Heartbeat::Sent { deadline, .. } | Heartbeat::Killed { deadline } => *deadline,
                };
                if self.good_plan == Some(live.plan) {
                    beat
                } else {
                    beat.min(live.since + self.limits.probation)
                }
            }
            Phase::Backoff { until, .. } => *until,
            Phase::Stopped { .. } => return None,
        };
        self.retiring.iter().map(|retiring| retiring.deadline).chain([phase]).min()
    }

    /// Every generation whose processes may still exist.
    pub fn generations(&self) -> Vec<Generation> {
        let mut all: Vec<Generation> = self.retiring.iter().map(|retiring| retiring.generation).collect();
        match &self.phase {
            Phase::Preparing { old, new, .. } => {
                all.extend(old.iter().map(|old| old.generation));
                all.push(new.generation);
            }
            Phase::Releasing { old, new, .. } => all.extend([*old, new.generation]),
            Phase::Activating { new, .. } => all.push(new.generation),
            Phase::Serving { live, .. } => all.push(live.generation),
            Phase::Ending { old, .. } => all.push(*old),
            Phase::Idle { .. } | Phase::Backoff { .. } | Phase::Stopping { .. } | Phase::Stopped { .. } => {}
        }
        all
    }

    /// The generation that serves, or is about to.
    pub fn serving(&self) -> Option<Generation> {
        match &self.phase {
            Phase::Preparing { old, .. } => old.as_ref().map(|old| old.generation),
            Phase::Activating { new, .. } => Some(new.generation),
            Phase::Serving { live, .. } => Some(live.generation),
            _ => None,
        }
    }

    /// Whether a generation is on its way out.
    pub fn is_retiring(&self, generation: Generation) -> bool {
        self.retiring.iter().any(|retiring| retiring.generation == generation)
    }

    /// The plans that may still be needed.
    pub fn plans(&self) -> Vec<PlanId> {
        let mut plans = vec![self.plan];
        plans.extend(self.good_plan);
        match &self.phase {
            Phase::Preparing { old, new, .. } => {
                plans.extend(old.iter().map(|old| old.plan));
                plans.push(new.plan);
            }
            Phase::Releasing { new, .. } | Phase::Activating { new, .. } => plans.push(new.plan),
            Phase::Serving { live, .. } => plans.push(live.plan),
            Phase::Ending { .. }
            | Phase::Idle { .. }
            | Phase::Backoff { .. }
            | Phase::Stopping { .. }
            | Phase::Stopped { .. } => {}
        }
        plans
    }
}
