mod pace;

use serde_json::{Value, json};

use super::*;
use crate::capsule::replay::{Access, End, Findings, Ignore, Journal, Keys, Places, Rules, Script, What};

/// A journal whose lines are a millisecond apart: `CONNECTION event CONTENT`, or `- event`.
fn journal(lines: &[(&str, &str, Value)]) -> String {
    let line = |(index, (connection, event, content)): (usize, &(&str, &str, Value))| {
        let mut line = json!({ "at": index * 1000, "ts": 1_769_248_800_000_u64, "event": event });
        if *connection != "-" {
            line["conn"] = json!(connection);
        }
        match *event {
            "in" | "out" => line["frame"] = content.clone(),
            "open" if content.get("client").is_some() => line["joined"] = content.clone(),
            "close" if content.is_array() => {
                line["code"] = content[0].clone();
                line["reason"] = content[1].clone();
            }
            _ => {}
        }
        format!("{line}\n")
    };
    lines.iter().enumerate().map(line).collect()
}

fn request(id: &str, method: &str) -> Value {
    json!({ "type": "req", "id": id, "method": method, "params": {} })
}

fn answer(id: &str, payload: &Value) -> Value {
    json!({ "type": "res", "id": id, "ok": true, "payload": payload })
}

fn event(name: &str, payload: &Value) -> Value {
    json!({ "type": "event", "event": name, "payload": payload })
}

/// A replay, with a clock that a test moves.
struct Stage<'a> {
    conductor: Conductor<'a>,
    now_us: u64,
}

impl<'a> Stage<'a> {
    fn new(journal: &'a str) -> Self {
        Self::with(journal, Speed::Max, &[])
    }

    fn with(journal: &'a str, speed: Speed, ignore: &[&str]) -> Self {
        let rules = Rules(ignore.iter().map(|rule| rule.parse::<Ignore>().unwrap()).collect());
        let access = Access { token: Some("t".to_owned()), password: None };
        let plan = Plan { rules, places: Places::default(), keys: Keys::default(), access, speed };
        Self { conductor: Conductor::new(Script::of(Journal::read(journal).unwrap()), plan), now_us: 0 }
    }

    /// One whose first connection has sent its first messages.
    fn begun(journal: &'a str) -> Self {
        let mut stage = Self::new(journal);
        stage.does();
        stage.conductor.opened(0);
        stage.does();
        stage
    }

    /// What has to be done now, in a word each.
    fn does(&mut self) -> Vec<String> {
        let actions = self.conductor.advance(Moment { us: self.now_us, unix_ms: 1 });
        actions.iter().map(shown).collect()
    }

    #[track_caller]
    fn expect(&mut self, expected: &[&str]) {
        assert_eq!(self.does(), expected);
    }

    fn later(&mut self, milliseconds: u64) {
        self.now_us += milliseconds * 1000;
    }

    fn hear(&mut self, connection: usize, frame: &Value) -> Option<Action> {
        let now = Moment { us: self.now_us, unix_ms: 1 };
        self.conductor.received(connection, &frame.to_string(), now)
    }

    fn end(&mut self, connection: usize, code: Option<u16>, reason: &str) -> Vec<String> {
        let end = End { code, reason: reason.to_owned() };
        let actions = self.conductor.ended(connection, end, Moment { us: self.now_us, unix_ms: 1 });
        actions.iter().map(shown).collect()
    }

    #[track_caller]
    fn finish(self) -> Findings {
        assert!(self.conductor.is_over());
        self.conductor.findings()
    }
}

fn shown(action: &Action) -> String {
    match action {
        Action::Open(connection, _) => format!("open {connection}"),
        Action::Send(connection, Outgoing::Text(text)) => {
            let frame: Value = serde_json::from_str(text).unwrap();
            format!("send {connection} {}", frame["id"].as_str().unwrap())
        }
        Action::Send(connection, Outgoing::Binary(bytes)) => format!("send {connection} {bytes:?}"),
        Action::Close(connection) => format!("close {connection}"),
        Action::Reload { asked } => format!("reload {asked}"),
    }
}

fn what(findings: &Findings) -> Vec<String> {
    let name = |what: &What| match what {
        What::Content { mismatches, .. } => format!("content {}", mismatches[0].place()),
        What::Missing(_) => "missing".to_owned(),
        What::Extra(_) => "extra".to_owned(),
        What::Ends(then, now) => {
            let code = |end: &Option<End>| end.as_ref().and_then(|end| end.code);
            format!("ends {:?} {:?}", code(then), code(now))
        }
        What::Gone(_) => "gone".to_owned(),
    };
    findings.differences.iter().map(|found| format!("{} {}", found.about.name(), name(&found.what))).collect()
}

#[test]
fn answers_are_waited_for_and_what_was_sent_together_is_sent_together() {
    let text = journal(&[
        ("a", "open", json!({})),
        ("a", "in", request("1", "health")),
        ("a", "in", request("2", "health")),
        ("a", "out", answer("2", &json!(2))),
        ("a", "in", request("3", "health")),
        ("a", "out", answer("1", &json!(1))),
        ("a", "out", answer("3", &json!(3))),
        ("a", "close", json!({})),
    ]);
    let mut stage = Stage::new(&text);
    stage.expect(&["open 0"]);
    stage.conductor.opened(0);
    stage.expect(&["send 0 1", "send 0 2"]);
    // Another one first is no difference, but the third was sent after this one.
    stage.hear(0, &answer("1", &json!(1)));
    stage.expect(&[]);
    stage.hear(0, &answer("2", &json!(2)));
    stage.expect(&["send 0 3"]);
    stage.hear(0, &answer("3", &json!(4)));
    stage.expect(&["close 0"]);
    assert!(!stage.conductor.is_over());
    assert!(stage.end(0, None, "").is_empty());
    let findings = stage.finish();
    assert_eq!(what(&findings), ["health content payload"]);
    assert_eq!((findings.sent, findings.opened, findings.differ()), (3, 1, 1));
}

#[test]
fn what_does_not_come_is_told_and_the_rest_goes_on() {
    let text = journal(&[
        ("a", "open", json!({})),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
        ("a", "out", event("chat", &json!(1))),
        ("a", "in", request("2", "status")),
        ("a", "out", answer("2", &json!(2))),
    ]);
    let mut stage = Stage::new(&text);
    stage.does();
    stage.conductor.opened(0);
    stage.expect(&["send 0 1"]);
    stage.later(4_000);
    stage.expect(&[]);
    stage.now_us = stage.conductor.wake_at_us().unwrap();
    stage.expect(&[]);
    stage.now_us = stage.conductor.wake_at_us().unwrap();
    stage.expect(&["send 0 2"]);
    // Too late is as good as never, and no second difference.
    stage.hear(0, &answer("1", &json!(1)));
    stage.hear(0, &answer("2", &json!(2)));
    stage.expect(&[]);
    assert_eq!(what(&stage.finish()), ["status missing", "chat missing"]);

    let mut stage = Stage::with(&text, Speed::Max, &["event:chat"]);
    stage.does();
    stage.conductor.opened(0);
    stage.does();
    stage.hear(0, &answer("1", &json!(1)));
    stage.expect(&["send 0 2"]);
}

#[test]
fn events_have_an_order_of_their_own() {
    let text = journal(&[
        ("a", "open", json!({})),
        ("b", "open", json!({})),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
        ("a", "out", event("chat", &json!("one"))),
        ("a", "out", event("chat", &json!("two"))),
        ("b", "in", request("2", "status")),
        ("b", "out", answer("2", &json!(2))),
        ("a", "in", request("3", "status")),
        ("a", "out", answer("3", &json!(3))),
    ]);
    let mut stage = Stage::new(&text);
    stage.expect(&["open 0", "open 1"]);
    stage.conductor.opened(0);
    stage.conductor.opened(1);
    stage.expect(&["send 0 1"]);
    stage.hear(0, &answer("1", &json!(1)));
    // The other connection does not wait for them.
    stage.expect(&["send 1 2"]);
    stage.hear(1, &answer("2", &json!(2)));
    stage.expect(&[]);
    stage.hear(0, &event("chat", &json!("two")));
    stage.hear(0, &event("chat", &json!("one")));
    stage.hear(0, &event("tick", &json!({})));
    stage.expect(&["send 0 3"]);
    stage.hear(0, &event("chat", &json!("three")));
    stage.hear(0, &answer("3", &json!(3)));
    stage.expect(&[]);
    assert_eq!(what(&stage.finish()), ["chat extra"]);
}

#[test]
fn what_others_change_is_waited_for_a_moment() {
    let lines = |first: &str, second: &str| {
        journal(&[
            ("a", "open", json!({})),
            ("b", "open", json!({})),
            ("a", "in", request("1", first)),
            ("b", "in", request("2", second)),
            ("a", "out", answer("1", &json!(1))),
            ("b", "out", answer("2", &json!(2))),
        ])
    };
    for (first, second, together) in [
        ("status", "health", true),
        ("sessions.patch", "sessions.list", false),
        ("sessions.list", "sessions.patch", false),
    ] {
        let text = lines(first, second);
        let mut stage = Stage::new(&text);
        stage.does();
        stage.conductor.opened(0);
        stage.conductor.opened(1);
        let expected: &[&str] = if together { &["send 0 1", "send 1 2"] } else { &["send 0 1"] };
        stage.expect(expected);
        if !together {
            // It may wait for the second one itself.
            stage.now_us = stage.conductor.wake_at_us().unwrap();
            stage.expect(&["send 1 2"]);
        }
    }
}

#[test]
fn ends_are_compared() {
    let lines = |end: Value| {
        journal(&[
            ("a", "open", json!({})),
            ("a", "in", request("1", "status")),
            ("a", "out", answer("1", &json!(1))),
            ("a", "close", end),
        ])
    };
    for (end, now, expected) in [
        (json!([1008, "no"]), Some((Some(1008), "no")), vec![]),
        (json!([1008, "no"]), Some((Some(1008), "other")), vec!["close ends Some(1008) Some(1008)"]),
        (json!([1008, "no"]), Some((None, "")), vec!["close ends Some(1008) None"]),
        (json!([1008, "no"]), None, vec!["close ends Some(1008) None"]),
        (json!({}), Some((Some(1000), "")), vec![]),
    ] {
        let text = lines(end);
        let mut stage = Stage::begun(&text);
        stage.hear(0, &answer("1", &json!(1)));
        stage.does();
        if let Some((code, reason)) = now {
            stage.end(0, code, reason);
        } else {
            stage.later(60_000);
            stage.expect(&["close 0"]);
            stage.end(0, None, "");
        }
        stage.does();
        assert_eq!(what(&stage.finish()), expected);
    }
}

#[test]
fn an_end_before_its_time_is_told() {
    let text = journal(&[
        ("a", "open", json!({})),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
        ("a", "close", json!([1008, "no"])),
    ]);
    let mut stage = Stage::begun(&text);
    stage.end(0, Some(1008), "no");
    stage.does();
    assert_eq!(what(&stage.finish()), ["status missing"]);
}

#[test]
fn a_reload_is_made_again_or_left_out() {
    let text = journal(&[
        ("-", "serving", json!({})),
        ("a", "open", json!({})),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
        ("-", "quiescing", json!({})),
        ("-", "serving", json!({})),
        ("a", "close", json!([1012, "service restart"])),
        ("b", "open", json!({})),
        ("b", "in", request("2", "status")),
        ("b", "out", answer("2", &json!(2))),
        ("-", "quiescing", json!({})),
        ("b", "close", json!([1012, "service restart"])),
    ]);
    for works in [true, false] {
        let mut stage = Stage::new(&text);
        stage.expect(&["open 0"]);
        stage.conductor.opened(0);
        stage.does();
        stage.hear(0, &answer("1", &json!(1)));
        stage.expect(&["reload false"]);
        stage.later(100);
        stage.expect(&[]);
        stage.conductor.reloaded(works, Moment { us: stage.now_us, unix_ms: 1 });
        if works {
            stage.expect(&[]);
            stage.end(0, Some(1012), "service restart");
        } else {
            stage.expect(&["close 0"]);
            stage.end(0, None, "");
        }
        stage.expect(&["open 1"]);
        stage.conductor.opened(1);
        stage.expect(&["send 1 2"]);
        stage.hear(1, &answer("2", &json!(2)));
        stage.expect(&[]);
        assert_eq!(what(&stage.finish()), Vec::<String>::new());
    }
}

#[test]
fn a_reload_that_comes_sooner_cuts_what_is_under_way() {
    let of = |code: u16, reason: &str| {
        journal(&[
            ("a", "open", json!({})),
            ("a", "in", request("1", "config.patch")),
            ("a", "out", answer("1", &json!(1))),
            ("a", "in", request("2", "status")),
            ("a", "out", answer("2", &json!(2))),
            ("-", "quiescing", json!({})),
            ("-", "serving", json!({})),
            ("a", "close", json!([code, reason])),
        ])
    };
    for (code, reason, expected) in
        [(1012, "service restart", vec![]), (1008, "slow consumer", vec!["status missing".to_owned()])]
    {
        let text = of(code, reason);
        let mut stage = Stage::begun(&text);
        stage.hear(0, &answer("1", &json!(1)));
        stage.expect(&["send 0 2"]);
        stage.end(0, Some(code), reason);
        stage.expect(&["reload true"]);
        stage.conductor.reloaded(true, Moment { us: stage.now_us, unix_ms: 1 });
        stage.does();
        assert_eq!(what(&stage.finish()), expected, "{code}");
    }
}

#[test]
fn what_was_learned_is_sent() {
    let (old, new) = ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
    let approve =
        json!({ "type": "req", "id": "2", "method": "device.pair.approve", "params": { "requestId": old } });
    let text = journal(&[
        ("a", "open", json!({})),
        ("a", "in", request("1", "device.pair.list")),
        ("a", "out", answer("1", &json!([old]))),
        ("a", "in", approve),
    ]);
    let mut stage = Stage::begun(&text);
    stage.hear(0, &answer("1", &json!([new])));
    let actions = stage.conductor.advance(Moment { us: 0, unix_ms: 1 });
    let [Action::Send(0, Outgoing::Text(sent))] = &actions[..] else { panic!("{actions:?}") };
    assert!(sent.contains(new) && !sent.contains(old), "{sent}");
    assert_eq!(what(&stage.finish()), Vec::<String>::new());
}
