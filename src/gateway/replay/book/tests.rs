use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::gateway::events::EventName;
use crate::gateway::replay::Saved;
use crate::gateway::replay::age::MAX_AGE_MS;
use crate::protocol::role::Role;

const PAIRING: &[&str] = &["operator.pairing"];

fn session(role: Role, device_id: Option<&str>, scopes: &[&str]) -> Session {
    let client = json!({ "id": "test", "version": "1", "platform": "linux", "mode": "test" });
    Session {
        role,
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        client: serde_json::from_value(client).unwrap(),
        device_id: device_id.map(str::to_owned),
        remote_ip: None,
        is_local: true,
        caps: Vec::new(),
        commands: Vec::new(),
        permissions: BTreeMap::new(),
        path_env: None,
    }
}

fn event(name: EventName, n: u64) -> EventFrame {
    EventFrame::new(name, &json!({ "n": n }), None)
}

/// `(seq, n)` of a frame.
fn read(frame: &str) -> (u64, u64) {
    let frame: Value = serde_json::from_str(frame).unwrap();
    (frame["seq"].as_u64().unwrap(), frame["payload"]["n"].as_u64().unwrap())
}

/// A book with one client at a time.
#[derive(Default)]
struct Desk {
    book: Book,
    now_ms: u64,
    happened: u64,
    /// The stream of who is connected, and what it sees.
    live: Option<(StreamKey, bool)>,
    /// What it was sent.
    sent: Vec<(u64, u64)>,
}

impl Desk {
    fn connect(&mut self, session: &Session, resume: Option<(&str, u64)>, fresh: &str) -> HelloReplay {
        let resume = resume.map(|(token, seq)| Resume { token: token.to_owned(), seq });
        let asker = Asker { conn_id: "c", session, resume: resume.as_ref(), fresh_token: fresh };
        let Admission { key, hello, missed, .. } = self.book.admit(asker, self.now_ms);
        self.sent = missed.iter().map(|frame| read(frame)).collect();
        assert_eq!(self.sent.len() as u64, hello.replayed);
        self.live = Some((key, !session.scopes.is_empty()));
        hello
    }

    /// The next event happens; `is_sent` says whether the connection takes it.
    fn happen(&mut self, name: EventName, is_sent: bool) -> Option<u64> {
        self.happened += 1;
        let event = event(name, self.happened);
        let now_ms = self.now_ms;
        let ordinal = self.book.keep(&event, || now_ms)?;
        if let Some((key, sees_pairing)) = self.live {
            let may_see = sees_pairing || name == EventName::Chat;
            self.book.tell(&key, (&event, ordinal), may_see, |frame| {
                if is_sent {
                    self.sent.push(read(&frame));
                }
                is_sent
            });
        }
        Some(ordinal)
    }

    /// This many messages.
    fn chat(&mut self, count: u64) {
        for _ in 0..count {
            self.happen(EventName::Chat, true).unwrap();
        }
    }

    fn leave(&mut self) {
        if let Some((key, _)) = self.live.take() {
            self.book.leave(&key, self.now_ms);
        }
    }

    /// Another generation, by way of the bytes of the file.
    fn reload(&mut self) {
        let saved = self.book.seal(self.now_ms).map(|saved| serde_json::to_string(&saved).unwrap());
        self.book = saved.map_or_else(Book::default, |saved| {
            Book::restore(serde_json::from_str::<Saved>(&saved).unwrap(), self.now_ms).unwrap()
        });
        self.live = None;
    }
}

#[test]
fn nothing_is_kept_for_nobody() {
    let mut desk = Desk::default();
    assert_eq!(desk.happen(EventName::Chat, true), None);
    desk.connect(&session(Role::Operator, None, &[]), None, "t");
    assert_eq!(desk.happen(EventName::Chat, true), Some(1));
    for name in [EventName::Tick, EventName::Presence, EventName::Health, EventName::Shutdown] {
        assert_eq!(desk.happen(name, true), None, "{name:?}: the newest wins");
    }
    desk.leave();
    assert_eq!(desk.happen(EventName::Chat, true), Some(2));
    desk.now_ms += MAX_AGE_MS + 1;
    assert_eq!(desk.happen(EventName::Chat, true), None);
    assert_eq!((desk.book.ring.entries().count(), desk.book.parked.len()), (0, 0));
    assert!(desk.book.seal(desk.now_ms).is_none());
}

#[test]
fn what_was_missed_follows_with_the_next_numbers() {
    for is_reloaded in [false, true] {
        let mut desk = Desk::default();
        let client = session(Role::Operator, Some("d"), &[]);
        let hello = desk.connect(&client, None, "t");
        assert_eq!((hello.resumed, hello.seq, hello.token.as_str()), (false, 0, "t"));
        desk.chat(3);
        assert_eq!(desk.sent, [(1, 1), (2, 2), (3, 3)]);
        desk.leave();
        desk.happen(EventName::DevicePairRequested, true);
        desk.happen(EventName::Chat, true);
        if is_reloaded {
            desk.reload();
        }
        // The third did not arrive.
        let hello = desk.connect(&client, Some(("t", 2)), "other");
        assert_eq!((hello.resumed, hello.seq, hello.token.as_str()), (true, 2, "t"));
        assert_eq!(desk.sent, [(3, 3), (4, 5)]);
        desk.happen(EventName::Chat, true);
        assert_eq!(desk.sent.last(), Some(&(5, 6)));
    }
}

#[test]
fn only_who_owns_a_stream_resumes_it_and_only_where_it_was() {
    let own = session(Role::Operator, Some("d"), &[]);
    for (client, token, seq, expected) in [
        (&own, "t", 5, true),
        (&own, "t", 3, true),
        (&own, "T", 3, false),
        (&own, "", 0, false),
        (&own, "t", 6, false),
        (&own, "t", u64::MAX, false),
        // Confirmed by an earlier resume.
        (&own, "t", 2, false),
        (&session(Role::Operator, Some("e"), &["operator.admin"]), "t", 3, false),
        (&session(Role::Operator, None, &["operator.admin"]), "t", 3, false),
        (&session(Role::Node, Some("d"), &[]), "t", 3, false),
    ] {
        let mut desk = Desk::default();
        desk.connect(&own, None, "t");
        desk.chat(5);
        desk.leave();
        assert!(desk.connect(&own, Some(("t", 3)), "x").resumed);
        desk.leave();
        let hello = desk.connect(client, Some((token, seq)), "fresh");
        assert_eq!(hello.resumed, expected, "{:?} {token} {seq}", client.device_id);
        if !expected {
            assert_eq!((hello.token.as_str(), hello.seq, &desk.sent[..]), ("fresh", 0, &[][..]));
            // And it took nothing from whoever owns it.
            desk.leave();
            assert!(desk.connect(&own, Some(("t", 5)), "x").resumed);
        }
    }
}

#[test]
fn the_scopes_of_the_new_connection_decide() {
    let (narrow, wide) = (session(Role::Operator, None, &[]), session(Role::Operator, None, PAIRING));
    for (before, after, expected) in [(&wide, &narrow, &[2][..]), (&narrow, &wide, &[1, 2, 3])] {
        let mut desk = Desk::default();
        desk.connect(before, None, "t");
        desk.leave();
        for name in [EventName::DevicePairRequested, EventName::Chat, EventName::NodePairRequested] {
            desk.happen(name, true);
        }
        assert!(desk.connect(after, Some(("t", 0)), "x").resumed);
        let told: Vec<u64> = desk.sent.iter().map(|&(_, n)| n).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn a_gap_that_cannot_be_filled_is_not_papered_over() {
    let client = session(Role::Operator, None, &[]);
    let mut desk = Desk::default();
    desk.connect(&client, None, "t");
    desk.happen(EventName::Chat, true);
    desk.leave();
    desk.chat(1025);
    assert!(!desk.connect(&client, Some(("t", 1)), "u").resumed);
    // What a live client was sent may fall out of the ring, as long as it arrived.
    desk.chat(1100);
    desk.leave();
    assert!(!desk.connect(&client, Some(("u", 75)), "v").resumed);
    assert!(desk.connect(&client, Some(("u", 76)), "v").resumed);
    assert_eq!(desk.sent.len(), 1024);
}

#[test]
fn a_connection_that_is_still_there_makes_way() {
    let mut book = Book::default();
    let client = session(Role::Operator, None, &[]);
    let asker = Asker { conn_id: "a", session: &client, resume: None, fresh_token: "t" };
    let first = book.admit(asker, 0);
    let resume = Resume { token: "t".to_owned(), seq: 0 };
    let second = book.admit(Asker { conn_id: "b", resume: Some(&resume), ..asker }, 0);
    assert_eq!((first.replaced, second.replaced.as_deref()), (None, Some("a")));
    assert!(second.hello.resumed && first.key == second.key);
}

#[test]
fn those_that_left_are_bounded_and_the_first_goes_first() {
    let mut book = Book::default();
    let client = session(Role::Operator, None, &[]);
    for number in 0..=MAX_PARKED {
        let token = number.to_string();
        let asker = Asker { conn_id: "c", session: &client, resume: None, fresh_token: &token };
        let key = book.admit(asker, 0).key;
        book.leave(&key, 0);
    }
    assert_eq!((book.streams.len(), book.parked.len()), (MAX_PARKED, MAX_PARKED));
    assert!(!book.streams.contains_key(&StreamKey::of("0")));
    assert!(book.streams.contains_key(&StreamKey::of("1")));
}

#[test]
fn what_contradicts_itself_is_not_restored() {
    let mut desk = Desk::default();
    desk.connect(&session(Role::Operator, None, &[]), None, "t");
    desk.happen(EventName::DevicePairRequested, true);
    let saved = serde_json::to_value(desk.book.seal(0).unwrap()).unwrap();
    for (pointer, value) in [
        ("/version", json!(2)),
        ("/head", json!(0)),
        ("/events/0/needed", json!("operator.everything")),
        ("/streams/0/base", json!(9)),
        ("/streams/0/told", json!(9)),
    ] {
        let mut changed = saved.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(Book::restore(serde_json::from_value(changed).unwrap(), 0).is_err(), "{pointer}");
    }
    assert!(Book::restore(serde_json::from_value(saved).unwrap(), 0).is_ok());
}

#[derive(Debug, Clone, Copy)]
enum Act {
    /// An event, and whether the network takes it to the client.
    Happen(EventName, bool),
    /// The connection ends, and the client loses this many of the last events.
    Lose(usize),
    Reload,
    Connect,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => any::<bool>().prop_map(|is_sent| Act::Happen(EventName::Chat, is_sent)),
        3 => Just(Act::Happen(EventName::DevicePairRequested, true)),
        1 => Just(Act::Happen(EventName::Tick, true)),
        2 => (0..4_usize).prop_map(Act::Lose),
        1 => Just(Act::Reload),
        3 => Just(Act::Connect),
    ]
}

proptest! {
    /// Whatever happens to its connections, a client gets every event that it may see, once and in order.
    #[test]
    fn no_event_is_missed_and_none_comes_twice(
        acts in proptest::collection::vec(act(), 1..120),
        sees_pairing in any::<bool>(),
    ) {
        let client = session(Role::Operator, Some("d"), if sees_pairing { PAIRING } else { &[] });
        let mut desk = Desk::default();
        let (mut got, mut expected): (Vec<(u64, u64)>, Vec<u64>) = (Vec::new(), Vec::new());
        desk.connect(&client, None, "t");
        let mut base = 0;
        for act in acts.into_iter().chain([Act::Connect]) {
            match act {
                Act::Happen(name, is_sent) => {
                    if desk.happen(name, is_sent).is_some() && (sees_pairing || name == EventName::Chat) {
                        expected.push(desk.happened);
                    }
                }
                Act::Lose(count) => {
                    let read = desk.sent.len().saturating_sub(count);
                    got.extend(desk.sent.drain(..).take(read));
                    desk.leave();
                }
                Act::Reload => {
                    got.append(&mut desk.sent);
                    desk.reload();
                }
                Act::Connect => {
                    got.append(&mut desk.sent);
                    let seq = got.last().map_or(0, |&(seq, _)| seq);
                    prop_assert!(seq >= base);
                    base = seq;
                    let hello = desk.connect(&client, Some(("t", seq)), "never");
                    prop_assert!(hello.resumed, "at {seq}");
                }
            }
        }
        got.append(&mut desk.sent);
        let told: Vec<u64> = got.iter().map(|&(_, n)| n).collect();
        prop_assert_eq!(told, expected);
        prop_assert!(got.iter().map(|&(seq, _)| seq).eq(1..=got.len() as u64), "{:?}", got);
    }
}
