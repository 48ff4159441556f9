//! Recording on a harness that runs: begun or ended by a key or a client, gone on with by every later generation.

use super::{Driver, Kind, Sink};
use crate::harness::ipc::{Record, SupervisorCommand};
use crate::harness::supervisor::notice::Notice;
use crate::harness::supervisor::state::Generation;
use crate::recording::Recording;

impl Driver {
    /// Begins a recording, or ends the one that is made. The generation that serves does it, and says so.
    pub(super) fn toggle_recording(&mut self, sink: Sink<'_>) {
        let last = self.edits.planner().flags.recording.clone();
        let refuse = |problem: &str| {
            Notice::Recording(Recording { current: None, last: None, problem: Some(problem.to_owned()) })
        };
        if matches!(self.kind, Kind::Command(_)) {
            return self.tell(&refuse("only our own gateway is recorded, not a command (--exec)"), sink);
        }
        match (self.state.serving(), last) {
            (Some(generation), last) => {
                let record = if last.is_some() { Record::Nothing } else { Record::Begin };
                self.is_recording_asked = last.is_none();
                self.send(generation, &SupervisorCommand::Record { record });
            }
            (None, None) => self.tell(&refuse("no gateway serves right now; try again"), sink),
            (None, last) => {
                self.edits.record_to(None);
                self.tell(&Notice::Recording(Recording { current: None, last, problem: None }), sink);
            }
        }
    }

    /// Where a generation records to. Those beside it and those that follow do the same.
    pub(super) fn recorded(&mut self, generation: Generation, recording: Recording, sink: Sink<'_>) {
        if self.state.is_retiring(generation) {
            return;
        }
        let is_asked = std::mem::take(&mut self.is_recording_asked);
        let is_new = recording.current != self.edits.planner().flags.recording;
        // Several generations may meet the same full disk; only the first one is news.
        let is_answer = is_asked && recording.problem.is_some();
        if !is_new && !is_answer {
            return;
        }
        self.edits.record_to(recording.current.clone());
        let record = recording.current.clone().map_or(Record::Nothing, Record::To);
        let others: Vec<Generation> =
            self.children.keys().copied().filter(|other| *other != generation).collect();
        for other in others {
            self.send(other, &SupervisorCommand::Record { record: record.clone() });
        }
        self.tell(&Notice::Recording(recording), sink);
    }
}
