//! What reaches the driver from outside: events of processes, requests, edits.

use std::time::Instant;

use super::{Driver, Kind, Request, Sink, TAIL_LINES};
use crate::harness::ipc::{ChildEvent, IPC_VERSION};
use crate::harness::supervisor::child::ProcessEvent;
use crate::harness::supervisor::notice::{Notice, Service};
use crate::harness::supervisor::plan::Plan;
use crate::harness::supervisor::state::{Generation, PlanId};
use crate::harness::supervisor::step::{Applying, Event, Exit, ExitKind};
use crate::watch::{Boot, WatchEvent};

impl Driver {
    pub(super) fn process(&mut self, generation: Generation, event: ProcessEvent, sink: Sink<'_>) {
        let event = match event {
            ProcessEvent::Started { pid } => {
                self.queue.push_back(Event::Started(generation, pid));
                return self.command_started(generation, pid);
            }
            ProcessEvent::LeftBehind(count) => return self.command_left_behind(generation, count),
            ProcessEvent::Ipc(ChildEvent::ReloadRequested) => return self.asked(sink),
            ProcessEvent::Ipc(ChildEvent::Recording(recording)) => {
                return self.recorded(generation, recording, sink);
            }
            ProcessEvent::Ipc(ChildEvent::Applied) => return self.applied(generation, sink),
            ProcessEvent::Ipc(event) => match self.answered(generation, event) {
                Some(event) => event,
                None => return,
            },
            ProcessEvent::IpcGarbage(line) | ProcessEvent::Stderr(line) => {
                self.tell(&Notice::Output { generation, line: line.clone() }, sink);
                if let Some(child) = self.children.get_mut(&generation) {
                    if child.tail.len() == TAIL_LINES {
                        child.tail.pop_front();
                    }
                    child.tail.push_back(line);
                }
                return;
            }
            ProcessEvent::Exited(report) => {
                self.booted(generation);
                let refused = self.children.get_mut(&generation).and_then(|child| child.refused.take());
                let exit = match refused {
                    Some((code, reason)) => Exit { reason, kind: ExitKind::Refused(code) },
                    None => self.command_ended(generation, report, sink),
                };
                Event::Exited(generation, exit)
            }
            ProcessEvent::KeeperFailed(reason) => {
                self.booted(generation);
                if self.state.is_retiring(generation) {
                    // Its process ended, and something of it did not.
                    self.tell(&Notice::Degraded { message: reason.clone() }, sink);
                }
                let exit = self.not_kept(generation, reason);
                self.queue.push_back(Event::Exited(generation, exit));
                return;
            }
            ProcessEvent::Gone => {
                self.booted(generation);
                self.queue.push_back(Event::Gone(generation));
                self.settle(sink);
                self.children.remove(&generation);
                self.command_gone(generation);
                return;
            }
        };
        self.queue.push_back(event);
    }

    pub(super) fn booted(&mut self, generation: Generation) {
        if self.booting == Some(generation) {
            self.booting = None;
            self.watch.note_boot(Boot::Ended);
        }
    }

    fn answered(&mut self, generation: Generation, event: ChildEvent) -> Option<Event> {
        match event {
            ChildEvent::Hello { ipc, .. } if ipc != IPC_VERSION => {
                let child = self.children.get_mut(&generation)?;
                let reason = format!("it speaks version {ipc} of the harness protocol, not {IPC_VERSION}");
                child.refused = Some((1, reason));
                child.handle.kill();
                None
            }
            ChildEvent::Hello { .. }
            | ChildEvent::ReloadRequested
            | ChildEvent::Recording(_)
            | ChildEvent::Applied => None,
            ChildEvent::Ready => {
                self.booted(generation);
                Some(Event::Ready(generation))
            }
            ChildEvent::Serving(summary) => Some(Event::Serving(generation, Service::Gateway(summary))),
            ChildEvent::Released => Some(Event::Released(generation)),
            ChildEvent::Pong { nonce } => Some(Event::Pong(generation, nonce)),
            ChildEvent::Failed { exit_code, message } => {
                self.children.get_mut(&generation)?.refused = Some((exit_code, message));
                None
            }
        }
    }

    pub(super) fn request(&mut self, request: Request, sink: Sink<'_>) {
        let at = Instant::now();
        match request {
            Request::Stop { cut_code } => {
                self.stop_building();
                self.queue.push_back(Event::Stop { cut_code });
            }
            Request::Record => self.toggle_recording(sink),
            Request::Restart(trigger) => self.changed(vec![trigger], None, at, sink),
            Request::Reload(trigger) => {
                self.watch.rescan();
                match self.edits.reread() {
                    Ok(plan) => {
                        let plan = Some(self.adopt(plan));
                        self.changed(vec![trigger], plan, at, sink);
                    }
                    Err(problem) => {
                        self.edits.follow(&self.watch);
                        self.tell(&Notice::Refused { triggers: vec![trigger], problem }, sink);
                    }
                }
            }
        }
    }

    pub(super) fn watched(&mut self, event: WatchEvent, sink: Sink<'_>) {
        match event {
            WatchEvent::Batch(batch) => {
                let at = batch.last_event;
                let evaluation = self.edits.evaluate(batch);
                for notice in &evaluation.notices {
                    self.tell(notice, sink);
                }
                let plan = evaluation.plan.map(|plan| self.adopt(plan));
                self.edits.follow(&self.watch);
                let triggers = evaluation.triggers;
                match (plan, evaluation.waiting) {
                    // A command has no other way to take it over than to start again.
                    (Some(plan), Some(waiting)) if matches!(self.kind, Kind::Gateway(_)) => {
                        self.queue.push_back(Event::Applicable { triggers, waiting, plan, at });
                    }
                    (plan, _) if !triggers.is_empty() => {
                        self.changed(triggers, plan, at, sink);
                    }
                    _ => {}
                }
            }
            WatchEvent::Armed { directories, files, took } => {
                self.tell(&Notice::Armed { directories, files, took }, sink);
            }
            WatchEvent::Degraded { message, .. } => self.tell(&Notice::Degraded { message }, sink),
            WatchEvent::Quarantined { path } => self.tell(&Notice::Quarantined { path }, sink),
        }
    }

    /// A generation has taken the oldest configuration over that it was sent.
    fn applied(&mut self, generation: Generation, sink: Sink<'_>) {
        let sent = self.children.get_mut(&generation).and_then(|child| child.applying.pop_front());
        let Some(Applying { pid, triggers, waiting, at }) = sent else { return };
        self.tell(&Notice::Applied { generation, pid, triggers, waiting, took: at.elapsed() }, sink);
    }

    /// A client wants the configuration to count as it is. One that counts already starts nothing.
    fn asked(&mut self, sink: Sink<'_>) {
        let (evaluation, at) = (self.edits.asked(), Instant::now());
        for notice in &evaluation.notices {
            self.tell(notice, sink);
        }
        let plan = evaluation.plan.map(|plan| self.adopt(plan));
        self.edits.follow(&self.watch);
        if !evaluation.triggers.is_empty() {
            self.changed(evaluation.triggers, plan, at, sink);
        }
    }

    /// Keeps a plan and makes it the one that edits are compared with.
    fn adopt(&mut self, plan: Plan) -> PlanId {
        let id = self.plans.add(plan);
        self.edits.accept(self.plans.get(id).cloned());
        self.edits.follow(&self.watch);
        id
    }
}
