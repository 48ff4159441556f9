use serde_json::{Value, json};

use super::*;

/// Every published method with the access that the published gateway grants it.
const PUBLISHED: [(&str, Access); 30] = [
    ("node.invoke.result", Access::Node),
    ("node.event", Access::Node),
    ("skills.bins", Access::Node),
    ("exec.approval.request", Access::Operator(Scope::Approvals)),
    ("exec.approval.resolve", Access::Operator(Scope::Approvals)),
    ("node.pair.list", Access::Operator(Scope::Pairing)),
    ("device.pair.approve", Access::Operator(Scope::Pairing)),
    ("device.token.rotate", Access::Operator(Scope::Pairing)),
    ("node.rename", Access::Operator(Scope::Pairing)),
    ("health", Access::Operator(Scope::Read)),
    ("chat.history", Access::Operator(Scope::Read)),
    ("last-heartbeat", Access::Operator(Scope::Read)),
    ("node.describe", Access::Operator(Scope::Read)),
    ("chat.send", Access::Operator(Scope::Write)),
    ("node.invoke", Access::Operator(Scope::Write)),
    ("wake", Access::Operator(Scope::Write)),
    ("config.get", Access::Operator(Scope::Admin)),
    ("wizard.start", Access::Operator(Scope::Admin)),
    ("update.run", Access::Operator(Scope::Admin)),
    ("exec.approvals.get", Access::Operator(Scope::Admin)),
    ("sessions.patch", Access::Operator(Scope::Admin)),
    ("sessions.resolve", Access::Operator(Scope::Admin)),
    ("cron.add", Access::Operator(Scope::Admin)),
    ("skills.install", Access::Operator(Scope::Admin)),
    ("channels.logout", Access::Operator(Scope::Admin)),
    ("set-heartbeats", Access::Operator(Scope::Admin)),
    ("system-event", Access::Operator(Scope::Admin)),
    ("chat.inject", Access::Operator(Scope::Admin)),
    ("connect", Access::Operator(Scope::Admin)),
    ("nope", Access::Operator(Scope::Admin)),
];

#[test]
fn published_access() {
    for (method, expect) in PUBLISHED {
        assert_eq!(access(method), expect, "{method}");
    }
}

#[track_caller]
fn check(role: Role, scopes: &[&str], method: &str, expect: &str) {
    let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let found = authorize(role, &scopes, method).err().map(|error| error.message);
    assert_eq!(found.as_deref().unwrap_or("ok"), expect, "{role:?} {scopes:?} {method}");
}

#[test]
fn gate() {
    use Role::{Node, Operator};
    check(Operator, &["operator.admin"], "node.event", "unauthorized role: operator");
    check(Node, &[], "node.event", "ok");
    check(Node, &["operator.admin"], "health", "unauthorized role: node");
    for method in ["health", "chat.send", "config.get", "device.pair.list", "exec.approval.resolve", "nope"] {
        check(Operator, &["operator.admin"], method, "ok");
        check(Node, &[], method, "unauthorized role: node");
    }
    check(Operator, &["operator.read"], "health", "ok");
    check(Operator, &["operator.write"], "health", "ok");
    check(Operator, &[], "health", "missing scope: operator.read");
    check(Operator, &["operator.pairing"], "health", "missing scope: operator.read");
    check(Operator, &["operator.read"], "chat.send", "missing scope: operator.write");
    check(Operator, &["operator.write"], "chat.send", "ok");
    check(Operator, &["operator.write"], "device.pair.list", "missing scope: operator.pairing");
    check(Operator, &["operator.pairing"], "device.pair.list", "ok");
    check(Operator, &["operator.write"], "exec.approval.request", "missing scope: operator.approvals");
    check(Operator, &["operator.read", "operator.write"], "config.get", "missing scope: operator.admin");
    check(Operator, &["operator.read"], "nope", "missing scope: operator.admin");
    check(Operator, &["operator.ADMIN", "admin"], "nope", "missing scope: operator.admin");
}

#[test]
fn a_refusal_names_what_would_do() {
    let error = authorize(Role::Operator, &[], "health").unwrap_err();
    assert_eq!(
        error.details,
        Some(json!({ "required": { "anyScope": ["operator.read", "operator.write", "operator.admin"] } }))
    );
}

#[track_caller]
fn check_admit(frame: &str, expect: Result<(Method, Value), &str>) {
    let request = Request::parse(frame).unwrap();
    let found = admit(Role::Operator, &["operator.admin".to_owned()], request);
    assert_eq!(found.map_err(|error| error.message), expect.map_err(str::to_owned), "{frame}");
}

#[test]
fn admission() {
    check_admit(r#"{"type":"req","id":"a","method":"health"}"#, Ok((Method::Health, json!({}))));
    check_admit(
        r#"{"type":"req","id":"a","method":"node.list","params":null}"#,
        Ok((Method::NodeList, json!({}))),
    );
    check_admit(
        r#"{"type":"req","id":"a","method":"status","params":[1]}"#,
        Ok((Method::Status, json!([1]))),
    );
    check_admit(
        r#"{"type":"req","id":"a","method":"logs.tail","params":{"limit":3.0}}"#,
        Ok((Method::LogsTail, json!({ "limit": 3 }))),
    );
    check_admit(r#"{"type":"req","id":"a","method":"nope"}"#, Err("unknown method: nope"));
    check_admit(
        r#"{"type":"req","id":"a","method":"connect"}"#,
        Err("connect is only valid as the first request"),
    );
    check_admit(
        r#"{"type":"req","id":"a","method":"agents.list","params":[]}"#,
        Err("invalid agents.list params: must be object"),
    );
}

#[test]
fn every_method_is_found_by_its_name() {
    for &method in Method::ALL {
        assert_eq!(Method::parse(method.name()), Some(method));
    }
    assert_eq!(Method::parse("nope"), None);
}
