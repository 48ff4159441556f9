//! What a replay does and waits for, in its order; made from a journal.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use super::frame::Head;
use super::journal::{Entry, Event, Headers, Journal, Mark, Message};
use super::rules::is_timed;
use crate::protocol::methods::{Access, access};
use crate::protocol::role::Scope;

/// Requests that are never sent, and why.
pub const NEVER_SENT: [(&str, &str); 5] = [
    ("skills.install", OUTSIDE),
    ("update.run", OUTSIDE),
    ("recording.start", RECORDING),
    ("recording.stop", RECORDING),
    ("recording.status", RECORDING),
];

const OUTSIDE: &str = "it acts on the machine, not on the profile";
const RECORDING: &str = "it is about the recording itself";

/// How long before a reload a request may have asked for it, microseconds.
const CAUSE: u64 = 30_000_000;

/// Close code of a gateway that makes room for the next one.
pub(super) const RESTART: u16 = 1012;

/// What a recording asks of a replay.
#[derive(Debug, Default)]
pub struct Script<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) requests: Vec<Request<'a>>,
    /// Who is behind a connection, as far as it says so.
    pub(super) clients: Vec<String>,
    begun_before: usize,
    missed: u64,
}

/// One step.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// When, microseconds.
    pub(super) at_us: u64,
    /// Of which connection; 0 for what is about the gateway.
    pub(super) connection: usize,
    pub(super) step: Step<'a>,
}

/// What is done, or waited for.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// A client connects. When it was there before the recording, this was agreed with it, as JSON.
    Open(Headers, Option<&'a str>),
    /// It sends this request.
    Send(usize),
    /// It goes.
    Leave,
    /// The answer to this request comes.
    Answer(usize, &'a str),
    /// An event comes.
    Event(Cow<'a, str>, &'a str),
    /// The gateway closes.
    Closed(u16, String),
    /// The gateway makes room for the next one, perhaps because a client has asked for it.
    Reload { asked: bool },
    /// The next one serves.
    Serving,
}

/// A message of a client.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) connection: usize,
    pub(super) message: Message<'a>,
    /// What an answer to it calls it, as JSON; `None` when it gets none.
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) method: Option<Cow<'a, str>>,
    /// When it came, Unix milliseconds.
    pub(super) ts_ms: u64,
    /// Whether it changes nothing.
    pub(super) reads: bool,
    /// Its answer among the items.
    pub(super) answer: Option<usize>,
    /// Whether it is sent at all.
    pub(super) sent: bool,
}

/// What is known of a connection while the journal is read.
#[derive(Debug, Default)]
struct Lane<'a> {
    is_open: bool,
    is_over: bool,
    /// How many gateways had served when it was opened.
    generation: usize,
    requests: usize,
    unanswered: HashMap<Cow<'a, str>, VecDeque<usize>>,
}

/// Reads a journal.
#[derive(Debug)]
struct Reader<'a> {
    script: Script<'a>,
    lanes: Vec<Lane<'a>>,
    /// Whether the gateway ends: what it says to everybody then is not repeated.
    is_ending: bool,
    /// How many gateways have served.
    served: usize,
    /// Whether the gateway has said that it makes room for the next one.
    is_quiescing: bool,
    /// When a request that may lead to a reload was last answered.
    asked_us: Option<u64>,
}

// === impl Script ===

impl<'a> Script<'a> {
    /// Draws the conclusions.
    pub fn of(journal: Journal<'a>) -> Self {
        let is_mark = |entry: &Entry<'_>, mark| matches!(entry.event, Event::Mark(other) if other == mark);
        let last_serving = journal.entries.iter().rposition(|entry| is_mark(entry, Mark::Serving));
        let mut reader = Reader {
            script: Self { missed: journal.missed, ..Self::default() },
            lanes: (0..journal.connections).map(|_| Lane::default()).collect(),
            is_ending: false,
            served: 0,
            is_quiescing: false,
            asked_us: None,
        };
        reader.script.clients = vec![String::new(); journal.connections];
        for (index, entry) in journal.entries.into_iter().enumerate() {
            let has_next = last_serving.is_some_and(|last| last > index);
            reader.entry(entry, has_next);
        }
        let headless = reader.lanes.iter().filter(|lane| !lane.is_open).count();
        Self { begun_before: headless, ..reader.script }
    }

    /// How many messages are sent.
    pub fn messages(&self) -> usize {
        self.requests.iter().filter(|request| request.sent).count()
    }

    /// How long the recording took, milliseconds.
    pub fn lasted_ms(&self) -> u64 {
        let (first, last) = (self.items.first(), self.items.last());
        first.zip(last).map_or(0, |(first, last)| last.at_us.saturating_sub(first.at_us) / 1000)
    }

    /// When the recording began, microseconds.
    pub(super) fn began_us(&self) -> u64 {
        self.items.first().map_or(0, |item| item.at_us)
    }

    /// Whether this answer says that a device's signature is wrong.
    pub(super) fn refuses_signature(&self, answer: usize) -> bool {
        let step = self.items.get(answer).map(|item| &item.step);
        matches!(step, Some(Step::Answer(_, frame)) if frame.contains("device signature invalid"))
    }

    /// How many connections there are, those too of which nothing is repeated.
    pub fn connections(&self) -> usize {
        self.clients.len()
    }

    /// Connections that had begun before the recording: nothing of them can be repeated.
    pub fn begun_before(&self) -> usize {
        self.begun_before
    }

    /// Events that the recording says are missing.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The methods of messages that are not sent.
    pub fn withheld(&self) -> Vec<&str> {
        let withheld = self.requests.iter().filter(|request| !request.sent);
        withheld.filter_map(|request| request.method.as_deref()).collect()
    }
}

// === impl Request ===

impl Request<'_> {
    /// As it was recorded, when it is a text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.message {
            Message::Frame(frame) => Some(frame),
            Message::Text(text) => Some(text),
            Message::Bytes(_) => None,
        }
    }

    /// What its answers are counted under.
    pub(super) fn name(&self) -> &str {
        self.method.as_deref().unwrap_or_default()
    }
}

// === impl Reader ===

impl<'a> Reader<'a> {
    fn entry(&mut self, entry: Entry<'a>, has_next: bool) {
        let Entry { at_us, ts_ms, connection, event } = entry;
        let Some(connection) = connection else {
            return match event {
                Event::Mark(Mark::Serving) => {
                    self.served += 1;
                    // A recording may begin while one serves.
                    if self.served > 1 || self.is_quiescing || !self.script.items.is_empty() {
                        self.serves_again(at_us);
                    }
                }
                Event::Mark(Mark::Quiescing) if has_next => {
                    self.is_quiescing = true;
                    let asked =
                        self.asked_us.take().is_some_and(|asked| at_us.saturating_sub(asked) <= CAUSE);
                    self.push(at_us, 0, Step::Reload { asked });
                }
                Event::Mark(Mark::Quiescing) => self.is_ending = true,
                _ => {}
            };
        };
        if let Event::Open(headers, joined) = event {
            let lane = &mut self.lanes[connection];
            (lane.is_open, lane.generation) = (true, self.served);
            if let Some(joined) = joined {
                // What it says next is not its first message.
                lane.requests = 1;
                self.script.clients[connection] = super::frame::joined(joined).unwrap_or_default();
            }
            return self.push(at_us, connection, Step::Open(headers, joined));
        }
        if !self.lanes[connection].is_open {
            return;
        }
        match event {
            Event::In(message) => self.message(at_us, ts_ms, connection, message),
            Event::Out(frame) => self.frame(at_us, connection, frame),
            Event::Close(close) => self.close(at_us, connection, close),
            Event::Open(..) | Event::Mark(_) => {}
        }
    }

    /// Another gateway serves. When the last one has not said goodbye, it was killed.
    fn serves_again(&mut self, at_us: u64) {
        if !std::mem::take(&mut self.is_quiescing) {
            let is_cut = |lane: &Lane<'_>| lane.is_open && !lane.is_over;
            let cut: Vec<usize> = (0..self.lanes.len()).filter(|&index| is_cut(&self.lanes[index])).collect();
            for connection in cut {
                self.close(at_us, connection, None);
            }
            self.push(at_us, 0, Step::Reload { asked: false });
        }
        self.push(at_us, 0, Step::Serving);
    }

    fn push(&mut self, at_us: u64, connection: usize, step: Step<'a>) {
        self.script.items.push(Item { at_us, connection, step });
    }

    fn close(&mut self, at_us: u64, connection: usize, close: Option<(u16, String)>) {
        self.lanes[connection].is_over = true;
        match close {
            // The end of the recording, which no client has caused. Clients of an earlier gateway may leave it late.
            Some((RESTART, _)) if self.is_ending && self.lanes[connection].generation == self.served => {}
            Some((code, reason)) => self.push(at_us, connection, Step::Closed(code, reason)),
            None => self.push(at_us, connection, Step::Leave),
        }
    }

    fn message(&mut self, at_us: u64, ts_ms: u64, connection: usize, message: Message<'a>) {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let (key, method) = match &message {
            Message::Frame(frame) => match Head::read(frame) {
                Some(head) => (Some(head.id()), head.method()),
                None => (None, None),
            },
            // JSON of several lines.
            Message::Text(text) => match Head::read(text) {
                Some(head) => (Some(owned(head.id())), head.method().map(owned)),
                None => (None, None),
            },
            Message::Bytes(_) => (None, None),
        };
        let lane = &mut self.lanes[connection];
        lane.requests += 1;
        let index = self.script.requests.len();
        if let Some(key) = &key {
            lane.unanswered.entry(key.clone()).or_default().push_back(index);
        }
        if lane.requests == 1 && method.as_deref() == Some("connect") {
            self.script.clients[connection] = super::frame::client(&message).unwrap_or_default();
        }
        let scope = method.as_deref().filter(|method| *method != "connect").map(access);
        let sent =
            !method.as_deref().is_some_and(|method| NEVER_SENT.iter().any(|(name, _)| *name == method));
        let reads = scope == Some(Access::Operator(Scope::Read));
        let request = Request { connection, message, key, method, ts_ms, reads, answer: None, sent };
        self.script.requests.push(request);
        if sent {
            self.push(at_us, connection, Step::Send(index));
        }
    }

    fn frame(&mut self, at_us: u64, connection: usize, frame: &'a str) {
        let Some(head) = Head::read(frame) else { return };
        if let Some(event) = head.event() {
            if !is_timed(&event) {
                self.push(at_us, connection, Step::Event(event, frame));
            }
            return;
        }
        let waiting = self.lanes[connection].unanswered.get_mut(&head.id());
        let Some(request) = waiting.and_then(VecDeque::pop_front) else { return };
        let item = self.script.items.len();
        let asked = &mut self.script.requests[request];
        if !asked.sent {
            return;
        }
        asked.answer = Some(item);
        if head.is_ok() && asked.method.as_deref().is_some_and(may_reload) {
            self.asked_us = Some(at_us);
        }
        self.push(at_us, connection, Step::Answer(request, frame));
    }
}

/// Whether a method writes what a gateway follows: its configuration.
fn may_reload(method: &str) -> bool {
    matches!(
        method,
        "config.set" | "config.patch" | "config.apply" | "wizard.next" | "skills.update" | "update.run"
    ) || method.starts_with("tts.set")
}

#[cfg(test)]
mod tests;
