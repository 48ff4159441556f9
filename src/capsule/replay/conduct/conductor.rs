//! Goes through a recording, as far as what has come allows.

use std::collections::BTreeMap;

use super::lane::{Lane, State, until};
use super::overdue::GOODBYE;
use super::patience::Patience;
use crate::capsule::replay::difference::Findings;
use crate::capsule::replay::journal::{Headers, Message};
use crate::capsule::replay::judge::Judge;
use crate::capsule::replay::places::Places;
use crate::capsule::replay::rules::Rules;
use crate::capsule::replay::script::{RESTART, Script, Step};
use crate::capsule::replay::signing::{Access, Keys, Signed};

/// How long an answer on another connection is waited for that may matter for a message, microseconds. It is usually
/// there at once; where it waits for something itself, that is what this costs.
const COURTESY: u64 = 100_000;
/// The same for a goodbye, which more often is what an answer waits for.
const COURTESY_AT_END: u64 = 20_000;
/// How fast it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many times as fast as recorded.
    Times(f64),
    /// As fast as the answers come.
    Max,
}

/// What a replay is to do.
#[derive(Debug)]
pub struct Plan {
    /// What may differ.
    pub rules: Rules,
    /// Where the home directory is.
    pub places: Places,
    /// With what devices sign.
    pub keys: Keys,
    /// With what clients come in that were there before the recording.
    pub access: Access,
    /// How fast.
    pub speed: Speed,
}

/// Now.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Monotonic, microseconds.
    pub us: u64,
    /// Unix milliseconds.
    pub unix_ms: u64,
}

/// What has to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Connect.
    Open(usize, Headers),
    /// Send a message.
    Send(usize, Outgoing),
    /// Close, and read what still comes.
    Close(usize),
    /// Have the gateway make room for another one, unless a client has asked it to already.
    Reload {
        /// Whether a client probably has.
        asked: bool,
    },
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
}

/// A replay.
#[derive(Debug)]
pub struct Conductor<'a> {
    pub(super) script: Script<'a>,
    pub(super) judge: Judge,
    pub(super) lanes: Vec<Lane>,
    /// By item: whether it has come, also before its turn.
    pub(super) arrived: Vec<bool>,
    /// Answers and ends that have to come before anything is sent, and until when.
    pub(super) awaited: BTreeMap<usize, u64>,
    pub(super) patience: Patience,
    /// The last request, for events.
    pub(super) last_request: Option<usize>,
    pub(super) keys: Keys,
    pub(super) access: Access,
    speed: Speed,
    began_us: Option<u64>,
    cursor: usize,
    /// The last item that was done.
    last: usize,
    /// The message that waits for answers on other connections, and until when.
    courtesy: Option<(usize, u64)>,
    /// When the next message is due.
    due_us: Option<u64>,
    /// Nothing that is awaited is given up before.
    pub(super) earliest_us: u64,
    /// Whether the gateway can be had to make room for another one.
    pub(super) can_reload: bool,
    /// The item that says that the next gateway serves, while it is waited for.
    pub(super) serving: Option<usize>,
    pub(super) is_given_up: bool,
}

/// What may be done next.
enum Turn {
    Go,
    Wait,
}

// === impl Conductor ===

impl<'a> Conductor<'a> {
    /// A replay that has not begun.
    pub fn new(script: Script<'a>, plan: Plan) -> Self {
        let lanes = Lane::all(&script);
        let Plan { rules, places, keys, access, speed } = plan;
        let judge = Judge::new(rules, places);
        Self {
            arrived: vec![false; script.items.len()],
            script,
            judge,
            lanes,
            awaited: BTreeMap::new(),
            patience: Patience::new(),
            last_request: None,
            keys,
            access,
            speed,
            began_us: None,
            cursor: 0,
            last: 0,
            courtesy: None,
            due_us: None,
            earliest_us: u64::MAX,
            can_reload: true,
            serving: None,
            is_given_up: false,
        }
    }

    /// What has to be done now. Asked for after everything that happens.
    pub fn advance(&mut self, now: Moment) -> Vec<Action> {
        let mut actions = Vec::new();
        self.due_us = None;
        let began_us = *self.began_us.get_or_insert(now.us);
        while self.cursor < self.script.items.len() && !self.is_given_up {
            match self.turn(now, began_us) {
                Turn::Go => self.perform(now, &mut actions),
                Turn::Wait if self.give_up_waiting(now, &mut actions) => {}
                Turn::Wait => break,
            }
        }
        self.give_up_waiting(now, &mut actions);
        actions
    }

    /// When it has to be asked again, though nothing has happened.
    pub fn wake_at_us(&self) -> Option<u64> {
        let courtesy = self.courtesy.map(|(_, until)| until);
        let deadline = Some(self.earliest_us).filter(|until| *until < u64::MAX);
        [deadline, courtesy, self.due_us].into_iter().flatten().min()
    }

    /// Whether everything is done, and has come.
    pub fn is_over(&self) -> bool {
        let is_through = self.cursor == self.script.items.len()
            && self.awaited.is_empty()
            && self.lanes.iter().all(|lane| lane.awaited.is_empty());
        is_through || self.is_given_up
    }

    /// Whether it stopped because too much did not come.
    pub fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// The item that was done last.
    pub(super) fn done_last(&self) -> usize {
        self.last
    }

    /// What was found.
    pub fn findings(self) -> Findings {
        self.judge.findings
    }

    /// Whether the next item may be done, or awaited.
    fn turn(&mut self, now: Moment, began_us: u64) -> Turn {
        let item = &self.script.items[self.cursor];
        let is_ours = matches!(item.step, Step::Open(..) | Step::Send(_) | Step::Leave | Step::Reload { .. });
        if !is_ours {
            return Turn::Go;
        }
        if !self.awaited.is_empty() {
            return Turn::Wait;
        }
        if let Speed::Times(times) = self.speed {
            let first_us = self.script.items.first().map_or(0, |item| item.at_us);
            let after = std::time::Duration::from_micros(item.at_us - first_us).div_f64(times);
            let due_us = began_us.saturating_add(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
            if due_us > now.us {
                self.due_us = Some(due_us);
                return Turn::Wait;
            }
        }
        let lane = &self.lanes[item.connection];
        let is_ready = match item.step {
            Step::Send(_) | Step::Leave => lane.state != State::Opening && lane.awaited.is_empty(),
            _ => true,
        };
        if !is_ready || self.is_courteous(now) { Turn::Wait } else { Turn::Go }
    }

    /// Whether the next message waits for answers on other connections: what they change, it may see.
    fn is_courteous(&mut self, now: Moment) -> bool {
        let item = &self.script.items[self.cursor];
        let (reads, answer) = match item.step {
            Step::Send(request) => {
                (self.script.requests[request].reads, self.script.requests[request].answer)
            }
            Step::Leave => (false, None),
            _ => return false,
        };
        let before = answer.unwrap_or(usize::MAX);
        let mut others = self.lanes.iter().enumerate().filter(|(index, _)| *index != item.connection);
        let matters = others.any(|(_, lane)| {
            let mut requests = lane.outstanding.range(..before).map(|(_, request)| *request);
            requests.any(|request| !(reads && self.script.requests[request].reads))
        });
        // Who leaves without an answer leaves the gateway the time that it had.
        let is_unanswered = matches!(item.step, Step::Leave)
            && self.lanes[item.connection].state == State::Open
            && !self.lanes[item.connection].in_flight.is_empty();
        if !matters && !is_unanswered {
            self.courtesy = None;
            return false;
        }
        match self.courtesy {
            Some((cursor, until)) if cursor == self.cursor => now.us < until,
            _ => {
                let took = item.at_us.saturating_sub(self.script.items[self.last].at_us);
                let limit = match item.step {
                    Step::Send(_) => COURTESY,
                    _ if matters => COURTESY_AT_END,
                    _ => COURTESY_AT_END.min(took),
                };
                self.courtesy = Some((self.cursor, now.us.saturating_add(limit)));
                limit > 0
            }
        }
    }

    /// Does the next item, or begins to wait for it.
    fn perform(&mut self, now: Moment, actions: &mut Vec<Action>) {
        let index = self.cursor;
        self.cursor += 1;
        self.courtesy = None;
        let item = &self.script.items[index];
        let connection = item.connection;
        let until_us = until(&self.script, self.patience, index, self.last, now.us);
        let lane = &mut self.lanes[connection];
        match &item.step {
            Step::Open(headers, joined) => {
                self.last = index;
                lane.state = State::Opening;
                lane.joining = joined.map(|_| index);
                self.judge.findings.opened += 1;
                let (headers, is_joining) = (headers.clone(), joined.is_some());
                actions.push(Action::Open(connection, headers));
                if is_joining {
                    self.wait_for(index, until_us);
                }
            }
            Step::Send(request) => self.send(index, *request, now, actions),
            Step::Leave if lane.state == State::Open => {
                self.last = index;
                lane.state = State::Leaving;
                self.wait_for(index, now.us.saturating_add(GOODBYE));
                actions.push(Action::Close(connection));
            }
            Step::Leave => {}
            Step::Reload { asked } => {
                self.last = index;
                let serving =
                    self.script.items[index..].iter().position(|item| matches!(item.step, Step::Serving));
                self.serving = serving.map(|offset| index + offset);
                actions.push(Action::Reload { asked: *asked });
            }
            Step::Event(name, _) => {
                if !self.judge.rules.ignores_event(name) && !self.arrived[index] && lane.is_alive() {
                    lane.awaited.insert(index, until_us);
                    self.earliest_us = self.earliest_us.min(until_us);
                }
            }
            Step::Answer(request, _) => {
                let was_sent = lane.outstanding.get(&index) == Some(request);
                if was_sent && !self.arrived[index] {
                    self.wait_for(index, until_us);
                }
            }
            Step::Closed(code, _) => {
                if !self.arrived[index] && lane.is_alive() {
                    let at_once = *code == RESTART && !self.can_reload;
                    self.wait_for(index, if at_once { now.us } else { until_us });
                }
            }
            Step::Serving => {
                if self.serving == Some(index) {
                    self.wait_for(index, until_us);
                }
            }
        }
    }

    fn send(&mut self, index: usize, request: usize, now: Moment, actions: &mut Vec<Action>) {
        let asked = &self.script.requests[request];
        let lane = &mut self.lanes[asked.connection];
        if lane.state != State::Open {
            self.judge.findings.unsent += 1;
            return;
        }
        let outgoing = match (&asked.message, asked.text()) {
            (Message::Bytes(bytes), _) => Outgoing::Binary(bytes.clone()),
            (_, text) => {
                let text = self.judge.outwards(text.unwrap_or_default());
                Outgoing::Text(if asked.method.as_deref() == Some("connect") {
                    let was_wrong = asked.answer.is_some_and(|answer| self.script.refuses_signature(answer));
                    let signed = Signed { recorded_ms: asked.ts_ms, now_ms: now.unix_ms, was_wrong };
                    self.keys.signed(&text, signed).into_owned()
                } else {
                    text
                })
            }
        };
        lane.sent(request, asked.key.as_deref(), asked.answer);
        self.last = index;
        self.last_request = Some(request);
        self.judge.findings.sent += 1;
        actions.push(Action::Send(asked.connection, outgoing));
    }
}
