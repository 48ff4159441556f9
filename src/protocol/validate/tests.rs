//! The expectations were recorded from the published gateway, which answered to the same parameters.

use serde_json::{Value, json};

use super::{Field, Schema, validate};
use crate::protocol::schemas;

#[track_caller]
fn check(schema: &Schema, value: &Value, expect: &str) {
    let found = validate(schema, value).err().map(|violations| violations.text());
    assert_eq!(found.as_deref().unwrap_or_default(), expect, "{value}");
}

/// `connect` with one thing changed.
#[track_caller]
fn check_connect(change: impl FnOnce(&mut Value), expect: &str) {
    let mut params = json!({
        "minProtocol": 3, "maxProtocol": 3,
        "client": { "id": "cli", "version": "1", "platform": "linux", "mode": "cli" },
        "auth": { "token": "test-token" },
    });
    change(&mut params);
    check(&schemas::CONNECT, &params, expect);
}

#[test]
fn connect_as_recorded() {
    let bad_id = "at /client/id: must be string; at /client/id: must be equal to constant; at /client/id: must match a schema in anyOf";
    check_connect(|_| {}, "");
    check_connect(|p| p["client"]["id"] = json!("my-app"), bad_id.split_once("; ").unwrap().1);
    check_connect(|p| p["client"]["id"] = json!(7), bad_id);
    check_connect(|p| p["client"]["id"] = Value::Null, bad_id);
    check_connect(|p| p["client"] = json!([]), "at /client: must be object");
    check_connect(
        |p| p["client"] = json!({}),
        "at /client: must have required property 'id'; at /client: must have required property 'version'; at /client: must have required property 'platform'; at /client: must have required property 'mode'",
    );
    check_connect(
        |p| {
            p["foo"] = json!(1);
            p["bar"] = json!(2);
            p["client"]["x"] = json!(1);
            p["client"]["a/b~c"] = json!(1);
        },
        "at root: unexpected property 'foo'; at root: unexpected property 'bar'; at /client: unexpected property 'x'; at /client: unexpected property 'a/b~c'",
    );
    check_connect(
        |p| {
            p["minProtocol"] = json!(0);
            p["maxProtocol"] = json!("3");
        },
        "at /minProtocol: must be >= 1; at /maxProtocol: must be integer",
    );
    check_connect(|p| p["minProtocol"] = json!(3.5), "at /minProtocol: must be integer");
    check_connect(|p| p["minProtocol"] = json!(3.0), "");
    check_connect(|p| p["minProtocol"] = json!(1e30), "");
    check_connect(
        |p| p["caps"] = json!(["", 1]),
        "at /caps/0: must NOT have fewer than 1 characters; at /caps/1: must be string",
    );
    check_connect(
        |p| p["permissions"] = json!({ "a": 1, "": true, "b/c": "x" }),
        "at /permissions/a: must be boolean; at /permissions/b~1c: must be boolean",
    );
    check_connect(|p| p["permissions"] = json!([]), "at /permissions: must be object");
    check_connect(|p| p["role"] = json!(""), "at /role: must NOT have fewer than 1 characters");
    check_connect(|p| p["scopes"] = json!("x"), "at /scopes: must be array");
    check_connect(
        |p| p["device"] = json!({ "id": "", "publicKey": 1, "signedAt": -1 }),
        "at /device: must have required property 'signature'; at /device/id: must NOT have fewer than 1 characters; at /device/publicKey: must be string; at /device/signedAt: must be >= 0",
    );
    check_connect(
        |p| p["auth"] = json!({ "token": 1, "password": null, "z": 1 }),
        "at /auth: unexpected property 'z'; at /auth/token: must be string; at /auth/password: must be string",
    );
    check_connect(|p| p["client"]["displayName"] = Value::Null, "at /client/displayName: must be string");
    check(&schemas::CONNECT, &Value::Null, "must be object");
    check(&schemas::CONNECT, &json!([]), "must be object");
}

#[test]
fn method_parameters_as_recorded() {
    check(
        &schemas::LOGS_TAIL,
        &json!({ "cursor": -1, "limit": 0, "maxBytes": 1_000_001 }),
        "at /cursor: must be >= 0; at /limit: must be >= 1; at /maxBytes: must be <= 1000000",
    );
    check(
        &schemas::LOGS_TAIL,
        &json!({ "limit": 5001, "cursor": 1.5 }),
        "at /cursor: must be integer; at /limit: must be <= 5000",
    );
    check(
        &schemas::SESSIONS_LIST,
        &json!({ "label": "", "spawnedBy": "", "activeMinutes": 0, "includeGlobal": 1, "search": 1 }),
        "at /activeMinutes: must be >= 1; at /includeGlobal: must be boolean; at /label: must NOT have fewer than 1 characters; at /spawnedBy: must NOT have fewer than 1 characters; at /search: must be string",
    );
    check(
        &schemas::SESSIONS_LIST,
        &json!({ "label": "ü".repeat(65) }),
        "at /label: must NOT have more than 64 characters",
    );
    check(&schemas::SESSIONS_LIST, &json!({ "label": "ü".repeat(64) }), "");
    check(
        &schemas::CHANNELS_STATUS,
        &json!({ "probe": 1, "timeoutMs": -1 }),
        "at /probe: must be boolean; at /timeoutMs: must be >= 0",
    );
    check(
        &schemas::AGENT_IDENTITY_GET,
        &json!({ "agentId": "", "sessionKey": 1, "z": 1 }),
        "at root: unexpected property 'z'; at /agentId: must NOT have fewer than 1 characters; at /sessionKey: must be string",
    );
    check(&Schema::EMPTY, &json!({ "x": 1 }), "at root: unexpected property 'x'");
    check(&Schema::EMPTY, &json!("x"), "must be object");
    check(&Schema::Any, &json!([1]), "");
}

#[test]
fn unions_report_every_branch() {
    const PATCH: Schema = Schema::Object(&[
        Field::required("key", Schema::NON_EMPTY),
        Field::optional("sendPolicy", Schema::Nullable(&Schema::OneOf(&["allow", "deny"]))),
        Field::optional("label", Schema::Nullable(&Schema::Text { min: 1, max: Some(64) })),
    ]);
    let at = "at /sendPolicy: must be equal to constant; at /sendPolicy: must be null; at /sendPolicy: must match a schema in anyOf";
    check(&PATCH, &json!({ "key": "main", "sendPolicy": "maybe" }), at);
    check(
        &PATCH,
        &json!({ "key": "main", "sendPolicy": 7 }),
        &format!("at /sendPolicy: must be string; {at}"),
    );
    check(&PATCH, &json!({ "key": "main", "sendPolicy": "deny", "label": null }), "");
    check(&PATCH, &json!({ "key": "main", "sendPolicy": null, "label": "x" }), "");
    check(
        &PATCH,
        &json!({ "key": "main", "label": 3 }),
        "at /label: must be string; at /label: must be null; at /label: must match a schema in anyOf",
    );
}

#[test]
fn details_list_what_was_allowed() {
    let violations = validate(&schemas::CONNECT, &json!({ "client": { "id": "my-app" } })).unwrap_err();
    let error = violations.into_error("connect params");
    let details = error.details.unwrap();
    assert_eq!(details["allowed"]["/client/id"], json!(crate::protocol::connect::CLIENT_IDS));
    let error = validate(&Schema::EMPTY, &json!({ "x": 1 })).unwrap_err().into_error("status params");
    assert_eq!(error.message, "invalid status params: at root: unexpected property 'x'");
    assert_eq!(error.details, None);
}

#[test]
fn a_flood_of_findings_is_counted() {
    let flood: serde_json::Map<String, Value> = (0..10_000).map(|i| (format!("x{i}"), Value::Null)).collect();
    let text = validate(&Schema::EMPTY, &Value::Object(flood)).unwrap_err().text();
    assert!(text.ends_with("at root: unexpected property 'x63'; and 9936 more"), "{text}");
}

#[test]
fn repeated_findings_are_reported_once() {
    check(
        &Schema::Array(&Schema::EMPTY),
        &json!([{ "a": 1 }, { "a": 1 }]),
        "at /0: unexpected property 'a'; at /1: unexpected property 'a'",
    );
    check(
        &Schema::OneOf(&["a", "b", "c"]),
        &json!("d"),
        "must be equal to constant; must match a schema in anyOf",
    );
}
