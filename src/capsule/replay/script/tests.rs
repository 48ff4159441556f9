use super::*;

/// The steps of a journal whose lines are a millisecond apart, in a word each.
#[track_caller]
fn check(lines: &[&str], expected: &[&str]) -> (usize, Vec<String>) {
    let line = |(index, line): (usize, &&str)| format!("{{\"at\":{},\"ts\":1,{line}}}\n", index * 1000);
    let text: String = lines.iter().enumerate().map(line).collect();
    let script = Script::of(Journal::read(&text).unwrap());
    let shown = |item: &Item<'_>| match &item.step {
        Step::Open(_, None) => format!("open {}", item.connection),
        Step::Open(_, Some(_)) => format!("join {}", item.connection),
        Step::Send(request) => format!("send {request}"),
        Step::Leave => format!("leave {}", item.connection),
        Step::Answer(request, _) => format!("answer {request}"),
        Step::Event(name, _) => format!("event {name}"),
        Step::Closed(code, _) => format!("closed {} {code}", item.connection),
        Step::Reload { asked } => format!("reload {asked}"),
        Step::Serving => "serving".to_owned(),
    };
    assert_eq!(script.items.iter().map(shown).collect::<Vec<_>>(), expected);
    (script.begun_before(), script.withheld().iter().map(|method| (*method).to_owned()).collect())
}

const OPEN_A: &str = r#""event":"open","conn":"a""#;
const OPEN_B: &str = r#""event":"open","conn":"b""#;
const ASKED_A: &str = r#""event":"in","conn":"a","frame":{"id":"1","method":"status"}"#;
const ANSWERED_A: &str = r#""event":"out","conn":"a","frame":{"id":"1","ok":true}"#;
const RESTARTED_A: &str = r#""event":"close","conn":"a","code":1012,"reason":"service restart""#;
const SERVING: &str = r#""event":"serving""#;
const QUIESCING: &str = r#""event":"quiescing""#;

#[test]
fn answers_belong_to_requests() {
    let two = r#""event":"in","conn":"a","frame":{"id":"1","method":"health"}"#;
    let lines = r#""event":"in","conn":"a","text":"{\n\"id\": 7 }""#;
    let seven = r#""event":"out","conn":"a","frame":{"id":7,"ok":false}"#;
    let nameless = r#""event":"in","conn":"a","frame":[1]"#;
    let invalid = r#""event":"out","conn":"a","frame":{"id":"invalid","ok":false}"#;
    let stray = r#""event":"out","conn":"a","frame":{"id":"none","ok":false}"#;
    check(
        &[OPEN_A, ASKED_A, two, lines, nameless, invalid, seven, ANSWERED_A, ANSWERED_A, ANSWERED_A, stray],
        &["open 0", "send 0", "send 1", "send 2", "send 3", "answer 3", "answer 2", "answer 0", "answer 1"],
    );
}

#[test]
fn what_cannot_be_repeated_is_left_out() {
    let install = r#""event":"in","conn":"b","frame":{"id":"2","method":"skills.install"}"#;
    let installed = r#""event":"out","conn":"b","frame":{"id":"2","ok":true}"#;
    let tick = r#""event":"out","conn":"b","frame":{"event":"tick"}"#;
    let chat = r#""event":"out","conn":"b","frame":{"event":"chat"}"#;
    let found =
        check(&[ASKED_A, ANSWERED_A, OPEN_B, install, installed, tick, chat], &["open 1", "event chat"]);
    assert_eq!(found, (1, vec!["skills.install".to_owned()]));
}

#[test]
fn the_end_of_a_recording_is_nobodys_doing() {
    check(&[SERVING, OPEN_A, ASKED_A, ANSWERED_A, QUIESCING, RESTARTED_A], &["open 0", "send 0", "answer 0"]);
    // Whoever was told to come back may leave late, and yet was told.
    check(
        &[SERVING, OPEN_A, ASKED_A, ANSWERED_A, QUIESCING, SERVING, OPEN_B, QUIESCING, RESTARTED_A],
        &["open 0", "send 0", "answer 0", "reload false", "serving", "open 1", "closed 0 1012"],
    );
}

#[test]
fn a_reload_that_a_client_may_have_asked_for_is_known() {
    for (method, ok, expected) in [
        ("config.patch", true, "reload true"),
        ("config.patch", false, "reload false"),
        ("config.get", true, "reload false"),
    ] {
        let asked = format!(r#""event":"in","conn":"a","frame":{{"id":"1","method":"{method}"}}"#);
        let answered = format!(r#""event":"out","conn":"a","frame":{{"id":"1","ok":{ok}}}"#);
        check(
            &[SERVING, OPEN_A, &asked, &answered, QUIESCING, SERVING],
            &["open 0", "send 0", "answer 0", expected, "serving"],
        );
    }
}

#[test]
fn a_recording_may_begin_while_a_gateway_serves() {
    let joined = r#""event":"open","conn":"a","joined":{"client":{"id":"cli","mode":"cli"}}"#;
    check(
        &[joined, ASKED_A, ANSWERED_A, QUIESCING, RESTARTED_A, SERVING],
        &["join 0", "send 0", "answer 0", "reload false", "closed 0 1012", "serving"],
    );
}

#[test]
fn a_gateway_that_was_killed_has_cut_its_connections() {
    let gone = r#""event":"close","conn":"b""#;
    check(
        &[SERVING, OPEN_A, OPEN_B, ASKED_A, gone, SERVING],
        &["open 0", "open 1", "send 0", "leave 1", "leave 0", "reload false", "serving"],
    );
}
