//! A configuration that the serving generation takes over in place. Pure, a part of [`super::step`].

use std::time::Instant;

use super::notice::Trigger;
use super::state::{Heartbeat, Phase, PlanId};
use super::step::{Action, Applying, Step};

impl Step {
    /// While a generation serves undisturbed it takes the configuration over; in any other phase the edit is one like
    /// every other, because the next generation reads it anyway.
    pub(super) fn applicable(
        &mut self,
        triggers: Vec<Trigger>,
        waiting: Vec<String>,
        plan: PlanId,
        at: Instant,
    ) {
        match self.take_phase() {
            Phase::Serving { mut live, heartbeat } if !matches!(heartbeat, Heartbeat::Killed { .. }) => {
                self.settle_probation(&live);
                live.plan = plan;
                self.state.plan = plan;
                let (generation, pid) = (live.generation, live.pid);
                let then = Applying { pid, triggers, waiting, at };
                self.act(Action::Apply { generation, plan, then });
                self.state.phase = Phase::Serving { live, heartbeat };
            }
            phase => {
                self.state.phase = phase;
                self.changed(triggers, Some(plan), at);
            }
        }
    }
}
