//! What is known of one connection.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::patience::Patience;
use crate::capsule::replay::script::{Script, Step};

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Not opened yet.
    #[default]
    Ahead,
    /// It is being opened.
    Opening,
    /// It can be used.
    Open,
    /// We have closed, and wait for the other side.
    Leaving,
    /// It is over.
    Gone,
}

/// A connection.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) state: State,
    /// The item that brings back a client that was there before the recording, until it is let in.
    pub(super) joining: Option<usize>,
    /// Requests that were sent and have no answer, by the id that the answer has.
    pub(super) in_flight: HashMap<String, VecDeque<usize>>,
    /// Of those that get an answer, the place of the answer: of the request.
    pub(super) outstanding: BTreeMap<usize, usize>,
    /// Recorded events that have not come, by name.
    pub(super) events: HashMap<String, VecDeque<usize>>,
    /// Of them those that have to come before anything else is sent, and until when.
    pub(super) awaited: BTreeMap<usize, u64>,
    /// The gateway's close among the items.
    pub(super) close: Option<usize>,
    /// How many messages are still to be sent that were answered. Others may have been thrown away unread.
    pub(super) ahead: usize,
}

// === impl Lane ===

impl Lane {
    /// The connections of a script.
    pub(super) fn all(script: &Script<'_>) -> Vec<Self> {
        let mut lanes: Vec<Self> = script.clients.iter().map(|_| Self::default()).collect();
        for (index, item) in script.items.iter().enumerate() {
            let Some(lane) = lanes.get_mut(item.connection) else { continue };
            match &item.step {
                Step::Event(name, _) => lane.events.entry(name.to_string()).or_default().push_back(index),
                Step::Closed(..) => lane.close = Some(index),
                Step::Send(request) => {
                    lane.ahead += usize::from(script.requests[*request].answer.is_some());
                }
                Step::Open(..) | Step::Leave | Step::Answer(..) | Step::Reload { .. } | Step::Serving => {}
            }
        }
        lanes
    }

    /// Whether frames can still come.
    pub(super) fn is_alive(&self) -> bool {
        matches!(self.state, State::Opening | State::Open)
    }

    /// A request was sent.
    pub(super) fn sent(&mut self, request: usize, key: Option<&str>, answer: Option<usize>) {
        if let Some(key) = key {
            self.in_flight.entry(key.to_owned()).or_default().push_back(request);
        }
        if let Some(answer) = answer {
            self.ahead = self.ahead.saturating_sub(1);
            self.outstanding.insert(answer, request);
        }
    }

    /// The request that is answered under this id.
    pub(super) fn answered(&mut self, key: &str) -> Option<usize> {
        let waiting = self.in_flight.get_mut(key)?;
        let request = waiting.pop_front();
        if waiting.is_empty() {
            self.in_flight.remove(key);
        }
        request
    }

    /// An event has come, as this one.
    pub(super) fn came(&mut self, name: &str, item: usize) {
        self.awaited.remove(&item);
        if let Some(events) = self.events.get_mut(name) {
            events.retain(|event| *event != item);
        }
    }

    /// When patience with the first of its events is at an end.
    pub(super) fn deadline(&self) -> Option<u64> {
        self.awaited.values().min().copied()
    }

    /// The next event that does not come.
    pub(super) fn overdue(&self, now_us: u64) -> Option<usize> {
        self.awaited.iter().find(|(_, until)| **until <= now_us).map(|(item, _)| *item)
    }

    /// Nothing of it comes any more: what was waited for.
    pub(super) fn end(&mut self) -> Vec<usize> {
        self.state = State::Gone;
        self.in_flight.clear();
        self.outstanding.clear();
        std::mem::take(&mut self.awaited).into_keys().collect()
    }
}

/// Until when an item is waited for, after the one that was done last.
pub(super) fn until(script: &Script<'_>, patience: Patience, item: usize, last: usize, now_us: u64) -> u64 {
    let at = |item: usize| script.items.get(item).map_or(0, |item| item.at_us);
    patience.until(now_us, at(item).saturating_sub(at(last)))
}
