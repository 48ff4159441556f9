//! Compares what comes with what was recorded, and keeps what it learns and finds.

use serde_json::Value;

use super::compare::{Measure, Outcome, Subject, compare};
use super::difference::{About, Difference, Findings, What};
use super::learned::Learned;
use super::places::Places;
use super::rules::{Rules, says_nothing};
use super::script::Script;

/// After this time entries of the presence list expire, microseconds.
const EXPIRY: u64 = 300_000_000;

/// The one who compares.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) rules: Rules,
    pub(super) places: Places,
    pub(super) learned: Learned,
    pub(super) findings: Findings,
}

/// Where in a recording something is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) connection: usize,
    pub(super) client: &'a str,
    /// Microseconds from the first event.
    pub(super) since_us: u64,
    pub(super) asked: Option<&'a str>,
}

// === impl Judge ===

impl Judge {
    /// Nothing is learned, and nothing found.
    pub(super) fn new(rules: Rules, places: Places) -> Self {
        Self { rules, places, learned: Learned::default(), findings: Findings::default() }
    }

    /// Compares a frame with the recorded one.
    pub(super) fn frame(&mut self, subject: Subject<'_>, place: Place<'_>, recorded: &str, here: &str) {
        if self.rules.passes_over(&subject) {
            return;
        }
        if self.places.is_empty() && subject == Subject::Answer("connect") {
            self.learn_places(recorded, here);
        }
        let here = self.places.inwards(here);
        if says_nothing(&subject) || recorded == here {
            return self.findings.same(about(subject));
        }
        let (before, now) = (value(recorded), value(&here));
        let Outcome { mismatches, pairs } = compare(self.measure(place.since_us), subject, &before, &now);
        for pair in pairs {
            self.learned.learn(pair);
        }
        if mismatches.is_empty() {
            return self.findings.same(about(subject));
        }
        self.different(place, about(subject), What::Content { recorded: before, mismatches });
    }

    /// A gateway that was there already says in its hello where its profile is.
    fn learn_places(&mut self, recorded: &str, here: &str) {
        let state = |frame: &str| {
            let frame = value(frame);
            frame.pointer("/payload/snapshot/stateDir").and_then(Value::as_str).map(str::to_owned)
        };
        if let (Some(recorded), Some(here)) = (state(recorded), state(here)) {
            self.places.learn(&recorded, &here);
        }
    }

    /// Whether a frame says what was recorded. Learns nothing.
    pub(super) fn is_same(&self, subject: Subject<'_>, since_us: u64, recorded: &str, here: &str) -> bool {
        let here = self.places.inwards(here);
        recorded == here
            || says_nothing(&subject)
            || compare(self.measure(since_us), subject, &value(recorded), &value(&here)).mismatches.is_empty()
    }

    /// It was recorded, and did not come.
    pub(super) fn missing(&mut self, subject: Subject<'_>, place: Place<'_>, recorded: &str) {
        if !self.rules.passes_over(&subject) {
            self.different(place, about(subject), What::Missing(value(recorded)));
        }
    }

    /// It came, and was not recorded.
    pub(super) fn extra(&mut self, subject: Subject<'_>, place: Place<'_>, here: &str) {
        if !self.rules.passes_over(&subject) {
            let here = value(&self.places.inwards(here));
            self.different(place, about(subject), What::Extra(here));
        }
    }

    /// Notes a difference.
    pub(super) fn different(&mut self, place: Place<'_>, about: About, what: What) {
        self.findings.different(Difference {
            connection: Some(place.connection + 1),
            client: place.client.to_owned(),
            at_ms: place.since_us / 1000,
            about,
            asked: place.asked.map(str::to_owned),
            what,
        });
    }

    /// A message of the recording as it has to be sent here.
    pub(super) fn outwards(&self, message: &str) -> String {
        self.learned.rewritten(&self.places.outwards(message)).into_owned()
    }

    fn measure(&self, since_us: u64) -> Measure<'_> {
        Measure { rules: &self.rules, learned: &self.learned, may_have_expired: since_us > EXPIRY }
    }
}

impl<'a> Place<'a> {
    /// The place of an item.
    pub(super) fn of(script: &'a Script<'_>, item: usize, asked: Option<&'a str>) -> Self {
        let (connection, at_us) = script.items.get(item).map_or((0, 0), |item| (item.connection, item.at_us));
        let client = script.clients.get(connection).map_or("", String::as_str);
        Self { connection, client, since_us: at_us.saturating_sub(script.began_us()), asked }
    }
}

fn about(subject: Subject<'_>) -> About {
    match subject {
        Subject::Answer(name) => About::Method(name.to_owned()),
        Subject::Event(name) => About::Event(name.to_owned()),
    }
}

/// What is no JSON is a text.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}
