use serde_json::json;

use super::*;

#[track_caller]
fn check_invalid(text: &str, expect_id: &Value, expect: &str) {
    match Request::parse(text) {
        Err(BadFrame::Invalid { id, error }) => {
            assert_eq!(&id, expect_id, "{text}");
            assert_eq!(error.message, format!("invalid request frame: {expect}"), "{text}");
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn invalid_frames_as_recorded() {
    check_invalid(r#"{"type":"req","id":7,"method":"health"}"#, &json!(7), "at /id: must be string");
    check_invalid(
        r#"{"type":"req","method":""}"#,
        &json!("invalid"),
        "must have required property 'id'; at /method: must NOT have fewer than 1 characters",
    );
    check_invalid(
        r#"{"type":"res","id":"x","ok":true}"#,
        &json!("x"),
        "must have required property 'method'; at root: unexpected property 'ok'; at /type: must be equal to constant",
    );
    check_invalid(
        r#"{"type":"req","id":"","method":"m"}"#,
        &json!(""),
        "at /id: must NOT have fewer than 1 characters",
    );
    check_invalid(r#"{"type":"req","id":null,"method":"m"}"#, &json!("invalid"), "at /id: must be string");
    for text in ["7", "[]", "null", "\"x\""] {
        check_invalid(text, &json!("invalid"), "must be object");
    }
}

#[test]
fn what_is_not_json() {
    for text in ["", "nope", "{", "{}{}", "{\"a\":1,}"] {
        assert_eq!(Request::parse(text), Err(BadFrame::NotJson), "{text}");
    }
    assert_eq!(Request::parse(&"[".repeat(100_000)), Err(BadFrame::NotJson), "deep nesting");
}

#[test]
fn half_a_character_is_taken_as_javascript_takes_it() {
    let request = Request::parse(r#"{"type":"req","id":"1","method":"m","params":{"label":"cut \ud83d"}}"#);
    assert_eq!(request.unwrap().params, json!({ "label": "cut \u{fffd}" }));
}

#[test]
fn requests() {
    let request =
        Request::parse(r#"{"type":"req","id":"1","method":"m","params":{"a":[3.0,1.5,1e300,-2.0]}}"#)
            .unwrap();
    let expect =
        Request { id: "1".to_owned(), method: "m".to_owned(), params: json!({ "a": [3, 1.5, 1e300, -2] }) };
    assert_eq!(request, expect);
    assert_eq!(Request::parse(r#"{"type":"req","id":"1","method":"m"}"#).unwrap().params, Value::Null);
}

#[test]
fn responses_leave_out_what_is_absent() {
    let text = serde_json::to_string(&Response::ok("1", json!({}))).unwrap();
    assert_eq!(text, r#"{"type":"res","id":"1","ok":true,"payload":{}}"#);
    let text = serde_json::to_string(&Response::error(7, RpcError::invalid("no"))).unwrap();
    assert_eq!(text, r#"{"type":"res","id":7,"ok":false,"error":{"code":"INVALID_REQUEST","message":"no"}}"#);
}
