//! What the supervisor decides when a deadline passes or everything has to end. Pure, the other half of
//! [`super::step`].

use super::notice::Notice;
use super::state::{Generation, Heartbeat, Phase, Retirement, Succession};
use super::step::{Action, Exit, ExitKind, Step};

impl Step {
    /// Forces the next stage of everything that is due.
    pub(super) fn deadline(&mut self) {
        self.expire_retiring();
        if let Some(deadline) = self.state.deadline()
            && self.now >= deadline
        {
            self.expire_phase();
        }
    }

    fn expire_retiring(&mut self) {
        let now = self.now;
        let next = now + self.state.limits.escalation;
        let mut escalated = Vec::new();
        for retiring in self.state.retiring.iter_mut().filter(|retiring| now >= retiring.deadline) {
            retiring.deadline = next;
            // A command's first notice was a signal already.
            let asked = self.state.succession != Succession::Handover;
            let stage = match retiring.stage {
                Retirement::Draining | Retirement::Leaving if asked => Retirement::Terminated,
                stage => stage,
            };
            escalated.push((retiring.generation, stage));
            retiring.stage = match stage {
                Retirement::Draining | Retirement::Leaving => Retirement::Terminated,
                Retirement::Terminated => Retirement::Killed,
                stage @ (Retirement::Killed | Retirement::Exited) => stage,
            };
        }
        for (generation, stage) in escalated {
            match stage {
                Retirement::Draining | Retirement::Leaving => {
                    self.act(Action::Terminate(generation));
                }
                Retirement::Terminated => {
                    self.act(Action::Kill(generation));
                    self.tell(Notice::Escalated { generation, signal: "SIGKILL" });
                }
                Retirement::Killed | Retirement::Exited => {
                    self.act(Action::Abandon(generation));
                    self.state.retiring.retain(|retiring| retiring.generation != generation);
                }
            }
        }
    }

    fn expire_phase(&mut self) {
        let now = self.now;
        let limits = self.state.limits;
        match self.take_phase() {
            Phase::Preparing { old, new, deadline } if now >= deadline => {
                self.kill(new.generation);
                let exit = overdue("ready", limits.ready);
                self.candidate_failed(old, new, &exit);
            }
            Phase::Releasing { old, killed: false, new, deadline } if now >= deadline => {
                self.act(Action::Kill(old));
                self.tell(Notice::Escalated { generation: old, signal: "SIGKILL" });
                let deadline = now + limits.escalation;
                self.state.phase = Phase::Releasing { old, killed: true, new, deadline };
            }
            Phase::Releasing { old, killed: true, new, deadline } if now >= deadline => {
                self.retire(old, Retirement::Killed, now + limits.escalation);
                self.activate(new);
            }
            Phase::Activating { new, deadline } if now >= deadline => {
                self.kill(new.generation);
                let exit = overdue("serving", limits.serving);
                self.crashed(new.generation, new.pid, new.plan, None, &exit);
            }
            Phase::Serving { live, heartbeat } => {
                self.settle_probation(&live);
                let heartbeat = match heartbeat {
                    Heartbeat::Due(at) if now >= at => {
                        self.state.pings += 1;
                        let nonce = self.state.pings;
                        self.act(Action::Ping(live.generation, nonce));
                        Heartbeat::Sent { nonce, deadline: now + limits.heartbeat_answer }
                    }
                    Heartbeat::Sent { deadline, .. } if now >= deadline => {
                        self.act(Action::Kill(live.generation));
                        self.tell(Notice::Hung { generation: live.generation, pid: live.pid });
                        Heartbeat::Killed { deadline: now + limits.escalation }
                    }
                    Heartbeat::Killed { deadline } if now >= deadline => {
                        self.retire(live.generation, Retirement::Killed, now + limits.escalation);
                        let exit = Exit {
                            reason: "it did not answer and could not be killed in time".to_owned(),
                            kind: ExitKind::Died,
                        };
                        let served = Some(now - live.since);
                        self.crashed(live.generation, Some(live.pid), live.plan, served, &exit);
                        return;
                    }
                    heartbeat => heartbeat,
                };
                self.state.phase = Phase::Serving { live, heartbeat };
            }
            Phase::Ending { old, stage, triggers, asked, deadline } if now >= deadline => {
                self.expire_ending(old, stage, triggers, asked);
            }
            Phase::Idle { deadline } if now >= deadline => {
                self.state.phase = Phase::Idle { deadline: now + limits.heartbeat };
            }
            Phase::Backoff { triggers, until } if now >= until => self.begin(triggers, None, until),
            Phase::Stopping { clean_code, cut_code, cut_short: false, deadline } if now >= deadline => {
                self.state.phase = self.cut(clean_code, cut_code);
            }
            Phase::Stopping { cut_code, cut_short: true, deadline, .. } if now >= deadline => {
                for retiring in std::mem::take(&mut self.state.retiring) {
                    self.act(Action::Abandon(retiring.generation));
                }
                self.state.phase = Phase::Stopped { code: cut_code };
                self.tell(Notice::Stopped { code: cut_code });
            }
            phase => self.state.phase = phase,
        }
    }

    /// Kills a generation and leaves the rest to its retirement.
    pub(super) fn kill(&mut self, generation: Generation) {
        self.act(Action::Kill(generation));
        self.retire(generation, Retirement::Killed, self.now + self.state.limits.escalation * 4);
    }

    /// First time: everything drains. Second time: everything is killed.
    pub(super) fn stop(&mut self, cut_code: u8) {
        let drained = self.now + self.state.limits.stop;
        match self.take_phase() {
            Phase::Stopping { clean_code, cut_short: false, .. } => {
                self.tell(Notice::Stopping { at_once: true });
                self.state.phase = self.cut(clean_code, cut_code);
                return;
            }
            phase @ (Phase::Stopping { .. } | Phase::Stopped { .. }) => {
                self.state.phase = phase;
                return;
            }
            Phase::Preparing { old, new, .. } => {
                self.kill(new.generation);
                if let Some(old) = old {
                    self.drain_for_stop(old.generation, drained);
                }
            }
            Phase::Releasing { old, new, .. } => {
                self.kill(new.generation);
                self.retire(old, Retirement::Draining, drained);
            }
            Phase::Activating { new, .. } => self.drain_for_stop(new.generation, drained),
            Phase::Serving { live, .. } => self.drain_for_stop(live.generation, drained),
            Phase::Ending { old, stage, deadline, .. } => self.retire(old, stage, deadline),
            Phase::Backoff { .. } | Phase::Idle { .. } => {}
        }
        self.tell(Notice::Stopping { at_once: false });
        self.state.phase = self.stopping(0, cut_code);
    }

    fn drain_for_stop(&mut self, generation: Generation, deadline: std::time::Instant) {
        self.act(Action::Drain { generation, restart_expected_ms: None });
        self.retire(generation, Retirement::Draining, deadline);
    }

    pub(super) fn stopping(&self, clean_code: u8, cut_code: u8) -> Phase {
        let deadline = self.now + self.state.limits.stop;
        Phase::Stopping { clean_code, cut_code, cut_short: false, deadline }
    }

    /// Kills everything that is left.
    fn cut(&mut self, clean_code: u8, cut_code: u8) -> Phase {
        let deadline = self.now + self.state.limits.escalation * 4;
        let mut killed = Vec::new();
        for retiring in &mut self.state.retiring {
            if !matches!(retiring.stage, Retirement::Exited | Retirement::Killed) {
                retiring.stage = Retirement::Killed;
                retiring.deadline = deadline;
                killed.push(retiring.generation);
            }
        }
        for generation in killed {
            self.act(Action::Kill(generation));
        }
        let cut_short = self.state.retiring.iter().any(|retiring| retiring.stage == Retirement::Killed);
        Phase::Stopping { clean_code, cut_code, cut_short, deadline }
    }

    /// A stop is over when nothing is left.
    pub(super) fn finish_stop(&mut self) {
        if let Phase::Stopping { clean_code, cut_code, cut_short, .. } = self.state.phase
            && self.state.retiring.is_empty()
        {
            let code = if cut_short { cut_code } else { clean_code };
            self.state.phase = Phase::Stopped { code };
            self.tell(Notice::Stopped { code });
        }
    }
}

fn overdue(stage: &str, limit: std::time::Duration) -> Exit {
    Exit { reason: format!("it was not {stage} within {} ms", limit.as_millis()), kind: ExitKind::Died }
}
