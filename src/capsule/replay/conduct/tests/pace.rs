use serde_json::json;

use super::*;

#[test]
fn the_pace_is_that_of_the_recording() {
    let text = journal(&[
        ("a", "open", json!({})),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
        ("a", "in", request("2", "status")),
    ]);
    let mut stage = Stage::with(&text, Speed::Times(0.5), &[]);
    stage.expect(&["open 0"]);
    stage.conductor.opened(0);
    stage.expect(&[]);
    assert_eq!(stage.conductor.wake_at_us(), Some(2000));
    stage.now_us = 2000;
    stage.expect(&["send 0 1"]);
    stage.hear(0, &answer("1", &json!(1)));
    stage.expect(&[]);
    stage.now_us = 6000;
    stage.expect(&["send 0 2"]);
}

#[test]
fn it_stops_when_nothing_comes_any_more() {
    let mut lines = vec![("a", "open", json!({}))];
    let ids: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    for id in &ids {
        lines.push(("a", "in", request(id, "status")));
        lines.push(("a", "out", answer(id, &json!(1))));
    }
    let text = journal(&lines);
    let mut stage = Stage::new(&text);
    stage.does();
    stage.conductor.opened(0);
    while !stage.conductor.is_over() {
        stage.does();
        stage.now_us = stage.conductor.wake_at_us().unwrap_or(stage.now_us);
    }
    assert!(stage.conductor.is_given_up() && stage.now_us < 120_000_000, "{}", stage.now_us);
    assert!(stage.finish().differ() < 300);
}

#[test]
fn a_gateway_that_ends_ends_the_replay() {
    let text = journal(&[("a", "open", json!({})), ("a", "in", request("1", "status"))]);
    let mut stage = Stage::new(&text);
    stage.does();
    stage.conductor.gateway_ended("signal 9 (SIGKILL)");
    assert_eq!(what(&stage.finish()), ["gateway gone"]);
}

#[test]
fn who_was_there_before_is_brought_back() {
    let agreed = json!({ "role": "operator", "client": { "id": "cli", "mode": "cli" } });
    let text = journal(&[
        ("a", "open", agreed),
        ("a", "in", request("1", "status")),
        ("a", "out", answer("1", &json!(1))),
    ]);
    for is_in in [true, false] {
        let mut stage = Stage::begun(&text);
        stage.expect(&[]);
        let action = stage.hear(0, &event("connect.challenge", &json!({ "nonce": "n" }))).unwrap();
        let Action::Send(0, Outgoing::Text(sent)) = action else { panic!("{action:?}") };
        assert!(
            sent.contains(r#""client":{"id":"cli","mode":"cli"}"#) && sent.contains(r#""token":"t""#),
            "{sent}"
        );
        let answered = json!({ "type": "res", "id": "capsule-joining", "ok": is_in });
        stage.hear(0, &answered);
        if is_in {
            stage.expect(&["send 0 1"]);
            stage.hear(0, &answer("1", &json!(1)));
        }
        stage.does();
        let expected: &[&str] = if is_in { &[] } else { &["connect extra"] };
        assert_eq!(what(&stage.finish()), expected);
    }
}
