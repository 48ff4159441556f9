//! Takes what comes from the gateway.

use super::conductor::{Action, Conductor, Moment};
use super::lane::State;
use crate::capsule::replay::compare::Subject;
use crate::capsule::replay::difference::{About, Difference, End, What};
use crate::capsule::replay::frame::Head;
use crate::capsule::replay::judge::Place;
use crate::capsule::replay::rules::is_timed;
use crate::capsule::replay::script::{RESTART, Step};

/// Events of one name that may change places.
const WINDOW: usize = 8;

// === impl Conductor ===

impl Conductor<'_> {
    /// A connection can be used.
    pub fn opened(&mut self, connection: usize) {
        if let Some(lane) = self.lanes.get_mut(connection)
            && lane.state == State::Opening
        {
            lane.state = State::Open;
        }
    }

    /// A connection has brought a frame.
    pub fn received(&mut self, connection: usize, frame: &str) {
        let Some(head) = Head::read(frame) else {
            return self.unexpected(connection, "", frame);
        };
        match head.event() {
            Some(event) if is_timed(&event) => {}
            Some(event) => self.event(connection, &event, frame),
            None => self.answer(connection, &head.id(), frame),
        }
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
