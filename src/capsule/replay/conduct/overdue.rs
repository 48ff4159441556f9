//! What is waited for, until when, and what becomes of what does not come.

use super::conductor::{Action, Conductor, Moment};
use super::lane::{Lane, State};
use crate::capsule::replay::compare::Subject;
use crate::capsule::replay::difference::{About, End, What};
use crate::capsule::replay::judge::Place;
use crate::capsule::replay::script::{RESTART, Step};

/// How long a connection that we have closed may take to be gone, microseconds.
pub(super) const GOODBYE: u64 = 2_000_000;

// === impl Conductor ===

impl Conductor<'_> {
    /// Nothing is sent until this has come, or its time is over.
    pub(super) fn wait_for(&mut self, item: usize, until_us: u64) {
        self.awaited.insert(item, until_us);
        self.earliest_us = self.earliest_us.min(until_us);
    }

    /// Waits no longer for what does not come; whether there was something.
    pub(super) fn give_up_waiting(&mut self, now: Moment, actions: &mut Vec<Action>) -> bool {
        if now.us < self.earliest_us {
            return false;
        }
        let mut has_lost = false;
        while let Some(index) =
            self.awaited.iter().find(|(_, until)| **until <= now.us).map(|(item, _)| *item)
        {
            self.awaited.remove(&index);
            self.did_not_come(index, now, actions);
            has_lost = true;
        }
        for connection in 0..self.lanes.len() {
            while let Some(index) = self.lanes[connection].overdue(now.us) {
                self.lanes[connection].awaited.remove(&index);
                self.did_not_come(index, now, actions);
                has_lost = true;
            }
        }
        let events = self.lanes.iter().filter_map(Lane::deadline).min();
        let deadlines = [self.awaited.values().min().copied(), events];
        self.earliest_us = deadlines.into_iter().flatten().min().unwrap_or(u64::MAX);
        self.is_given_up |= self.patience.is_lost();
        has_lost
    }

    /// Notes what did not come.
    pub(super) fn did_not_come(&mut self, index: usize, now: Moment, actions: &mut Vec<Action>) {
        let connection = self.script.items[index].connection;
        let last = self.last_request.and_then(|request| self.script.requests[request].text());
        match &self.script.items[index].step {
            Step::Answer(request, recorded) => {
                let asked = &self.script.requests[*request];
                self.lanes[connection].outstanding.remove(&index);
                let place = Place::of(&self.script, index, asked.text());
                self.judge.missing(Subject::Answer(asked.name()), place, recorded);
            }
            Step::Event(name, recorded) => {
                self.lanes[connection].came(name, index);
                let place = Place::of(&self.script, index, last);
                self.judge.missing(Subject::Event(name), place, recorded);
            }
            Step::Closed(..) if self.lanes[connection].state == State::Leaving => return,
            Step::Closed(RESTART, _) => {
                // It has no reason to, so we go.
                self.lanes[connection].state = State::Leaving;
                self.wait_for(index, now.us.saturating_add(GOODBYE));
                return actions.push(Action::Close(connection));
            }
            Step::Closed(code, reason) => {
                let place = Place::of(&self.script, index, last);
                let then = End { code: Some(*code), reason: reason.clone() };
                if !self.judge.rules.ignores_closes() {
                    self.judge.different(place, About::Close, What::Ends(Some(then), None));
                }
                self.lanes[connection].state = State::Leaving;
                actions.push(Action::Close(connection));
            }
            // Nobody compares how long a goodbye takes, nor whether another gateway could be started.
            _ => return,
        }
        self.patience.lose();
    }
}
