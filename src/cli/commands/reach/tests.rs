use super::*;
use crate::client::target::TargetSource;
use crate::profile::{EnvMap, ProfileName, ProfileRequest, resolve as resolve_profile};
use crate::protocol::close::Close;
use crate::protocol::error::RpcError;

fn profile(name: Option<&str>) -> ResolvedProfile {
    let name = name.map(|name| ProfileName::parse(name).unwrap());
    let request = ProfileRequest { name, ..ProfileRequest::default() };
    resolve_profile(&request, &EnvMap::default(), Some("/home/you".into())).unwrap()
}

fn target(source: TargetSource) -> Target {
    Target {
        url: "ws://127.0.0.1:19411".to_owned(),
        source,
        token: None,
        password: None,
        pin: None,
        is_known: true,
    }
}

#[track_caller]
fn check(error: &ClientError, source: TargetSource, code: u8, expect: &[&str]) {
    let (target, profile) = (target(source), profile(None));
    let context = Context { target: &target, bind: BindMode::Loopback, profile: &profile, failure: "" };
    let found = context.expected(error);
    assert_eq!(found.to_string().lines().collect::<Vec<_>>(), expect);
    assert_eq!(found.code(), code);
}

#[test]
fn nothing_listens() {
    let error = ClientError::Unreachable { cause: "connection refused".to_owned() };
    check(
        &error,
        TargetSource::Local,
        3,
        &[
            "Error: gateway closed (1006 abnormal closure (no close frame)): no close reason",
            "Cause: connection refused",
            "Fix: start it with: clawdbot gateway",
            "Gateway target: ws://127.0.0.1:19411",
            "Source: local loopback",
            "Config: /home/you/.clawdbot/clawdbot.json",
            "Bind: loopback",
        ],
    );
    check(
        &error,
        TargetSource::Flag,
        3,
        &[
            "Error: gateway closed (1006 abnormal closure (no close frame)): no close reason",
            "Cause: connection refused",
            "Gateway target: ws://127.0.0.1:19411",
            "Source: cli --url",
            "Config: /home/you/.clawdbot/clawdbot.json",
        ],
    );
}

#[test]
fn a_refusal() {
    let answer = RpcError::not_paired("pairing required")
        .with_details(serde_json::json!({ "requestId": "r", "hint": "run this" }));
    let error =
        ClientError::Refused { error: Some(Box::new(answer)), close: Close::policy("pairing required") };
    check(
        &error,
        TargetSource::Running(7),
        1,
        &[
            "gateway connect failed: Error: pairing required",
            "Error: gateway closed (1008): pairing required",
            "Fix: run this",
            "Gateway target: ws://127.0.0.1:19411",
            "Source: running gateway (PID 7)",
            "Config: /home/you/.clawdbot/clawdbot.json",
            "Bind: loopback",
        ],
    );
}

#[test]
fn a_method_error_stands_alone() {
    let error = ClientError::Rpc(Box::new(RpcError::invalid("unknown method: nope")));
    check(&error, TargetSource::Local, 1, &["Error: unknown method: nope"]);
}

#[test]
fn a_url_that_cannot_be_used_is_wrong_usage() {
    let error = ClientError::Url { url: "x".to_owned(), cause: "it has to start with ws://".to_owned() };
    let (target, profile) = (target(TargetSource::Flag), profile(None));
    let context = Context {
        target: &target,
        bind: BindMode::Loopback,
        profile: &profile,
        failure: "Gateway call failed: ",
    };
    let found = context.expected(&error);
    assert_eq!(found.code(), 2);
    let expect = "Gateway call failed: Error: invalid gateway URL \"x\": it has to start with ws://";
    assert_eq!(found.to_string().lines().next(), Some(expect));
}

#[test]
fn whose_gateway_answers() {
    let silent = crate::cli::output::Style::default();
    let printer = Printer::to(Box::new(std::io::sink()), Box::new(std::io::sink()), silent);
    let owner_error = |name: Option<&str>, theirs: Option<&str>, source| {
        let (target, profile) = (target(source), profile(name));
        let context = Context { target: &target, bind: BindMode::Loopback, profile: &profile, failure: "" };
        context.check_owner(theirs, &printer).err().map(|error| error.to_string())
    };
    let other = Some("/home/you/.clawdbot");
    let text = owner_error(Some("work"), other, TargetSource::Local).unwrap();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "Error: the gateway at ws://127.0.0.1:19411 belongs to the default profile (/home/you/.clawdbot), not to profile work (/home/you/.clawdbot-work).",
            "Fix: start this profile's gateway with: clawdbot --profile work gateway",
            "     or ask the other one with: --url ws://127.0.0.1:19411",
        ]
    );
    assert_eq!(owner_error(Some("work"), Some("/home/you/.clawdbot-work"), TargetSource::Local), None);
    assert_eq!(owner_error(Some("work"), None, TargetSource::Local), None);
    assert_eq!(owner_error(Some("work"), other, TargetSource::Flag), None);
    assert_eq!(owner_error(None, Some("/elsewhere"), TargetSource::Local), None, "a note, no failure");
}
