//! One generation after another, for commands that may not run twice at once. Pure, a part of [`super::step`].

use std::time::Instant;

use super::notice::{Notice, Trigger};
use super::state::{Generation, Live, Phase, Retirement, Succession};
use super::step::{Action, Step};

impl Step {
    /// Replaces the generation that serves, in the order that suits it.
    pub(super) fn follow(&mut self, triggers: Vec<Trigger>, live: Live, asked: Instant) {
        if self.state.succession != Succession::After {
            self.begin(triggers, Some(live), asked);
            return;
        }
        self.settle_probation(&live);
        self.act(Action::Drain { generation: live.generation, restart_expected_ms: None });
        self.state.phase = Phase::Ending {
            old: live.generation,
            stage: Retirement::Draining,
            triggers,
            asked,
            deadline: self.now + self.state.limits.goodbye,
        };
    }

    /// Something changed while a command gets ready, which may take long, or for ever: what it has read is old, so
    /// the next one starts in its place.
    pub(super) fn supersede(&mut self, phase: Phase, mut triggers: Vec<Trigger>, at: Instant) {
        let Phase::Preparing { old, new, .. } = phase else {
            self.state.phase = phase;
            return;
        };
        let mut all = new.triggers;
        triggers.retain(|trigger| !all.contains(trigger));
        all.append(&mut triggers);
        if let Some(old) = old {
            self.kill(new.generation);
            self.begin(all, Some(old), at);
            return;
        }
        self.act(Action::Drain { generation: new.generation, restart_expected_ms: None });
        self.state.phase = Phase::Ending {
            old: new.generation,
            stage: Retirement::Draining,
            triggers: all,
            asked: at,
            deadline: self.now + self.state.limits.goodbye,
        };
    }

    /// Nothing is left of a generation; the one that waited for that starts.
    pub(super) fn ended(&mut self, generation: Generation) {
        match self.take_phase() {
            Phase::Ending { old, triggers, asked, .. } if old == generation => {
                self.begin(triggers, None, asked);
            }
            phase => self.state.phase = phase,
        }
    }

    /// The old one takes too long: it is killed, and if that does not help, no longer waited for.
    pub(super) fn expire_ending(
        &mut self,
        old: Generation,
        stage: Retirement,
        triggers: Vec<Trigger>,
        asked: Instant,
    ) {
        let deadline = self.now + self.state.limits.escalation * 4;
        match stage {
            Retirement::Draining | Retirement::Leaving | Retirement::Terminated => {
                self.act(Action::Kill(old));
                self.tell(Notice::Escalated { generation: old, signal: "SIGKILL" });
                let stage = Retirement::Killed;
                self.state.phase = Phase::Ending { old, stage, triggers, asked, deadline };
            }
            Retirement::Killed | Retirement::Exited => {
                self.retire(old, stage, deadline);
                self.begin(triggers, None, asked);
            }
        }
    }

    /// A command has done its work. What changed meanwhile starts it again, and otherwise the next edit does.
    pub(super) fn finished(&mut self, live: &Live) {
        self.settle_probation(live);
        self.state.attempt = 0;
        self.tell(Notice::Finished { generation: live.generation, pid: live.pid });
        let pending = std::mem::take(&mut self.state.pending);
        let since = self.state.pending_since.take().unwrap_or(self.now);
        if pending.is_empty() {
            self.state.phase = Phase::Idle { deadline: self.now + self.state.limits.heartbeat };
        } else {
            self.begin(pending, None, since);
        }
    }
}
