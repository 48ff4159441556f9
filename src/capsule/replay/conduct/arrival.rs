//! Takes what comes from the gateway.

use serde_json::Value;

use super::conductor::{Action, Conductor, Moment, Outgoing};
use super::lane::State;
use crate::capsule::replay::compare::Subject;
use crate::capsule::replay::difference::{About, Difference, End, What};
use crate::capsule::replay::frame::Head;
use crate::capsule::replay::judge::Place;
use crate::capsule::replay::rules::is_timed;
use crate::capsule::replay::script::{RESTART, Step};

/// The first event of every connection, with what a device has to sign.
const CHALLENGE: &str = "connect.challenge";
/// The id of the message that brings back a client, as JSON.
const JOINING: &str = "\"capsule-joining\"";

/// Events of one name that may change places.
const WINDOW: usize = 8;

// === impl Conductor ===

impl Conductor<'_> {
    /// A connection can be used.
    pub fn opened(&mut self, connection: usize) {
        if let Some(lane) = self.lanes.get_mut(connection)
            && lane.state == State::Opening
            && lane.joining.is_none()
        {
            lane.state = State::Open;
        }
    }

    /// A connection has brought a frame.
    pub fn received(&mut self, connection: usize, frame: &str, now: Moment) -> Option<Action> {
        let Some(head) = Head::read(frame) else {
            self.unexpected(connection, "", frame);
            return None;
        };
        let joining = self.lanes.get(connection).and_then(|lane| lane.joining);
        match (head.event(), joining) {
            (Some(event), _) if is_timed(&event) => {}
            (Some(event), Some(item)) if event == CHALLENGE => return self.join(item, frame, now),
            (Some(event), _) => self.event(connection, &event, frame),
            (None, Some(item)) if head.id() == JOINING => self.joined(item, head.is_ok(), frame),
            (None, _) => self.answer(connection, &head.id(), frame),
        }
        None
    }

    /// Brings back a client that was there before the recording.
    fn join(&self, item: usize, challenge: &str, now: Moment) -> Option<Action> {
        let item = self.script.items.get(item)?;
        let Step::Open(_, Some(agreed)) = item.step else { return None };
        let challenge: Value = serde_json::from_str(challenge).ok()?;
        let nonce = challenge["payload"]["nonce"].as_str().unwrap_or_default();
        let agreed = self.judge.outwards(agreed);
        let id = JOINING.trim_matches('"');
        let text = self.keys.joining(id, &agreed, nonce, &self.access, now.unix_ms);
        Some(Action::Send(item.connection, Outgoing::Text(text)))
    }

    fn joined(&mut self, item: usize, is_in: bool, frame: &str) {
        let connection = self.script.items[item].connection;
        self.awaited.remove(&item);
        let lane = &mut self.lanes[connection];
        lane.joining = None;
        if is_in {
            lane.state = State::Open;
            return;
        }
        // Nothing of it can be repeated.
        lane.state = State::Leaving;
        let place = Place::of(&self.script, item, None);
        self.judge.extra(Subject::Answer("connect"), place, frame);
    }

    /// A connection is over: the gateway's close, or a cut.
    pub fn ended(&mut self, connection: usize, end: End, now: Moment) -> Vec<Action> {
        let mut actions = Vec::new();
        let Some(lane) = self.lanes.get_mut(connection) else { return actions };
        let (before, close, ahead) = (lane.state, lane.close, lane.ahead);
        let mut open = lane.end();
        let global: Vec<usize> = self
            .awaited
            .keys()
            .copied()
            .filter(|item| self.script.items[*item].connection == connection)
            .collect();
        open.extend(global);
        for item in &open {
            self.awaited.remove(item);
        }
        if before == State::Leaving || before == State::Gone {
            return actions;
        }
        // What came before the end came before it, in the order of one connection.
        open.retain(|item| {
            !matches!(self.script.items[*item].step, Step::Closed(..) | Step::Leave | Step::Serving)
        });
        let is_restart = |item: usize| matches!(self.script.items[item].step, Step::Closed(RESTART, _));
        if end.code == Some(RESTART) && close.is_some_and(is_restart) {
            // The goodbye of a reload that a client has asked for may come sooner than it did. What is under way then
            // is not answered, as it may not have been when it was recorded.
            let cut = open.extract_if(.., |item| matches!(self.script.items[*item].step, Step::Answer(..)));
            self.judge.findings.unsent += cut.count() as u64;
        }
        for item in open {
            self.did_not_come(item, now, &mut actions);
        }
        let expected = close.map(|item| (item, &self.script.items[item].step));
        let then = match expected {
            Some((item, Step::Closed(code, reason))) => {
                self.arrived[item] = true;
                Some(End { code: Some(*code), reason: reason.clone() })
            }
            _ => None,
        };
        let is_early = ahead > 0 && end.code != Some(RESTART);
        if then.as_ref() == Some(&end) && !is_early {
            self.judge.findings.same(About::Close);
        } else if !self.judge.rules.ignores_closes() {
            let item =
                close.or_else(|| self.script.items.iter().position(|item| item.connection == connection));
            let last = self.last_request.and_then(|request| self.script.requests[request].text());
            let mut place = Place::of(&self.script, item.unwrap_or_default(), last);
            place.connection = connection;
            self.judge.different(place, About::Close, What::Ends(then, Some(end)));
        }
        actions
    }

    /// Another gateway serves, or there is no way to have one.
    pub fn reloaded(&mut self, worked: bool, now: Moment) {
        self.can_reload = worked;
        if let Some(serving) = self.serving.take() {
            self.arrived[serving] = true;
            self.awaited.remove(&serving);
        }
        if !worked {
            // Nobody says goodbye to them: they are closed as soon as their time is over, which is now.
            let closes = |item: &usize| matches!(self.script.items[*item].step, Step::Closed(RESTART, _));
            let closes: Vec<usize> = self.awaited.keys().copied().filter(closes).collect();
            for item in closes {
                self.wait_for(item, now.us);
            }
        }
    }

    /// The gateway has ended by itself.
    pub fn gateway_ended(&mut self, how: &str) {
        let item = self.done_last();
        let last = self.last_request.and_then(|request| self.script.requests[request].text());
        let place = Place::of(&self.script, item, last);
        self.judge.findings.different(Difference {
            connection: None,
            client: String::new(),
            at_ms: place.since_us / 1000,
            about: About::Gateway,
            asked: last.map(str::to_owned),
            what: What::Gone(how.to_owned()),
        });
        self.is_given_up = true;
    }

    fn event(&mut self, connection: usize, name: &str, frame: &str) {
        let waiting = self.lanes.get(connection).and_then(|lane| lane.events.get(name));
        let candidates: Vec<usize> = waiting.into_iter().flatten().take(WINDOW).copied().collect();
        let recorded = |item: usize| match &self.script.items[item].step {
            Step::Event(_, recorded) => *recorded,
            _ => "",
        };
        let subject = Subject::Event(name);
        let same = (candidates.len() > 1).then(|| {
            candidates.iter().copied().find(|&item| {
                let since_us = Place::of(&self.script, item, None).since_us;
                self.judge.is_same(subject, since_us, recorded(item), frame)
            })
        });
        let Some(item) = same.flatten().or_else(|| candidates.first().copied()) else {
            return self.unexpected(connection, name, frame);
        };
        self.arrived[item] = true;
        self.lanes[connection].came(name, item);
        let last = self.last_request.and_then(|request| self.script.requests[request].text());
        let place = Place::of(&self.script, item, last);
        self.judge.frame(subject, place, recorded(item), frame);
    }

    fn answer(&mut self, connection: usize, id: &str, frame: &str) {
        let Some(lane) = self.lanes.get_mut(connection) else { return };
        let Some(request) = lane.answered(id) else { return self.unexpected(connection, "", frame) };
        let asked = &self.script.requests[request];
        let Some(item) = asked.answer else {
            // Whoever went before the answer came was answered or not, as it happened.
            return;
        };
        lane.outstanding.remove(&item);
        self.awaited.remove(&item);
        self.arrived[item] = true;
        if let Step::Answer(_, recorded) = self.script.items[item].step {
            let place = Place::of(&self.script, item, asked.text());
            self.judge.frame(Subject::Answer(asked.name()), place, recorded, frame);
        }
    }

    /// Something that was not recorded.
    fn unexpected(&mut self, connection: usize, event: &str, frame: &str) {
        let is_over = self.lanes.get(connection).is_none_or(|lane| !lane.is_alive());
        if is_over || self.judge.rules.ignores_event(event) {
            return;
        }
        let item = self.done_last();
        let last = self.last_request.and_then(|request| self.script.requests[request].text());
        let mut place = Place::of(&self.script, item, last);
        place.connection = connection;
        place.client = self.script.clients.get(connection).map_or("", String::as_str);
        let subject = if event.is_empty() { Subject::Answer("") } else { Subject::Event(event) };
        self.judge.extra(subject, place, frame);
    }
}
