//! What is accepted, and what comes of it.

use serde_json::json;

use super::*;
use crate::protocol::role::Role;

#[test]
fn a_local_device_is_paired_silently() {
    let mut book = DeviceBook::default();
    let accepted = Attempt::new().set("scopes", json!(["operator.read"])).device().accept(&mut book);
    assert_eq!(accepted.session.role, Role::Operator);
    assert_eq!(accepted.session.scopes, ["operator.read"]);
    assert_eq!(accepted.session.device_id, Some(device_id()));
    assert_eq!(accepted.session.remote_ip, None);
    let auth = accepted.auth.unwrap();
    assert_eq!((auth.device_token.as_str(), auth.role), (TOKEN, Role::Operator));
    assert_eq!(auth.scopes, ["operator.read"]);
    assert_eq!(auth.issued_at_ms, Some(NOW));
    let resolved = json!({
        "requestId": REQUEST_ID, "deviceId": device_id(), "decision": "approved", "ts": NOW,
    });
    assert_eq!(accepted.events, [DeviceEvent::Resolved(resolved)]);
    let device = book.get(&device_id()).unwrap();
    assert_eq!(
        (device.roles.as_slice(), device.scopes.as_slice()),
        (["operator".to_owned()].as_slice(), ["operator.read".to_owned()].as_slice())
    );
    assert_eq!(device.metadata.remote_ip.as_deref(), Some("127.0.0.1"));
}

#[test]
fn the_second_connection_changes_nothing() {
    let mut book = DeviceBook::default();
    let attempt = Attempt::new().device();
    let first = attempt.accept(&mut book);
    book.take_changes();
    let second = Attempt { fresh_token: "another", ..attempt }.accept(&mut book);
    assert_eq!(second.auth, first.auth);
    assert_eq!(second.events, []);
    assert_eq!(book.take_changes(), crate::gateway::devices::model::Changes::default());
}

#[test]
fn more_scopes_and_roles_are_added_silently_for_local_devices() {
    let mut book = DeviceBook::default();
    Attempt::new().set("scopes", json!(["operator.read"])).device().accept(&mut book);
    let more =
        Attempt { fresh_token: "b", ..Attempt::new().set("scopes", json!(["operator.write"])).device() };
    let accepted = more.accept(&mut book);
    assert_eq!(accepted.events.len(), 1);
    assert_eq!(accepted.auth.unwrap().scopes, ["operator.write"]);
    let node = Attempt { fresh_token: "c", ..Attempt::new().set("role", json!("node")).device() };
    let accepted = node.accept(&mut book);
    assert_eq!(accepted.session.scopes, Vec::<String>::new());
    let device = book.get(&device_id()).unwrap();
    assert_eq!(device.roles, ["operator", "node"]);
    assert_eq!(device.scopes, ["operator.read", "operator.write"]);
    assert_eq!(device.tokens.keys().collect::<Vec<_>>(), ["node", "operator"]);
}

#[test]
fn a_paired_remote_device_that_wants_more_waits() {
    let mut book = DeviceBook::default();
    let remote = |scopes| Attempt::new().remote().token_mode().token("right").set("scopes", scopes).device();
    remote(json!(["operator.read"])).reject(&mut book);
    book.approve(REQUEST_ID, NOW).unwrap();
    let accepted = remote(json!(["operator.read"])).accept(&mut book);
    assert_eq!(accepted.session.remote_ip.as_deref(), Some("203.0.113.9"));
    assert_eq!(book.get(&device_id()).unwrap().metadata.remote_ip.as_deref(), Some("203.0.113.9"));
    let rejection = remote(json!(["operator.read", "operator.admin"])).reject(&mut book);
    assert_eq!(rejection.error.message, "pairing required");
    let [DeviceEvent::Requested(request)] = rejection.events.as_slice() else { panic!() };
    assert_eq!(request["isRepair"], json!(true));
}

#[test]
fn no_scopes_are_all_scopes_for_operators() {
    for scopes in [None, Some(json!([]))] {
        let mut attempt = Attempt::new();
        if let Some(scopes) = scopes {
            attempt = attempt.set("scopes", scopes);
        }
        // The signature is over what was sent, not over what it means.
        let accepted = attempt.device().accept(&mut DeviceBook::default());
        assert_eq!(accepted.session.scopes, ["operator.admin"]);
    }
}

#[test]
fn a_local_client_may_leave_the_nonce_out() {
    let mut attempt = Attempt::new().device();
    let key = SigningKey::from_bytes(&[7; 32]);
    let fields = SignedFields {
        device_id: &device_id(),
        client_id: "gateway-client",
        client_mode: "backend",
        role: "operator",
        scopes: &[],
        signed_at_ms: NOW,
        token: "",
        nonce: None,
    };
    attempt.params["device"].as_object_mut().unwrap().remove("nonce");
    attempt.proof("signature", json!(fields.sign(&key))).accept(&mut DeviceBook::default());
}

#[test]
fn without_a_device_any_token_does_where_none_is_configured() {
    let accepted = Attempt::new().token("anything").accept(&mut DeviceBook::default());
    assert_eq!((accepted.auth, accepted.session.device_id), (None, None));
}

#[test]
fn shared_secrets() {
    Attempt::new().token_mode().token("right").accept(&mut DeviceBook::default());
    let password = Attempt::new().password_mode().set("auth", json!({ "password": "right" })).device();
    password.accept(&mut DeviceBook::default());
}

#[test]
fn a_device_token_replaces_the_shared_secret_within_its_scopes() {
    for settle in [Attempt::token_mode as fn(Attempt) -> Attempt, Attempt::password_mode] {
        let mut book = DeviceBook::default();
        let paired = settle(Attempt::new()).set("auth", json!({ "token": "right", "password": "right" }));
        paired.set("scopes", json!(["operator.read"])).device().accept(&mut book);
        let with_token = |scopes| settle(Attempt::new()).token(TOKEN).set("scopes", scopes).device();
        with_token(json!(["operator.read"])).accept(&mut book);
        with_token(json!(["operator.read", "operator.admin"])).reject(&mut book);
        // Of this device only.
        settle(Attempt::new()).token(TOKEN).reject(&mut book);
        book.revoke_token(&device_id(), "operator", NOW).unwrap();
        with_token(json!(["operator.read"])).reject(&mut book);
        // The shared secret brings a fresh one.
        let again = settle(Attempt::new()).set("auth", json!({ "token": "right", "password": "right" }));
        let again =
            Attempt { fresh_token: "fresh", ..again.set("scopes", json!(["operator.read"])).device() };
        assert_eq!(again.accept(&mut book).auth.unwrap().device_token, "fresh");
    }
}

#[test]
fn the_control_ui_may_be_let_in_without_pairing() {
    let ui = || {
        let attempt = Attempt::new().remote().token_mode().client("clawdbot-control-ui", "ui").token("right");
        Attempt { allow_insecure_auth: true, ..attempt }
    };
    let mut book = DeviceBook::default();
    assert_eq!(ui().accept(&mut book).auth, None);
    assert_eq!(ui().device().accept(&mut book).auth, None);
    assert!(book.get(&device_id()).is_none());
}

#[test]
fn clients_of_later_protocols_that_still_speak_ours() {
    let attempt = Attempt::new().set("minProtocol", json!(1)).set("maxProtocol", json!(99)).token("x");
    attempt.accept(&mut DeviceBook::default());
}

#[test]
fn a_connect_as_recorded() {
    let text = r#"{"type":"req","id":"c1","method":"connect","params":{"minProtocol":3,"maxProtocol":3,"client":{"id":"gateway-client","version":"9.9.9","platform":"linux","mode":"backend","displayName":"Capture"},"scopes":["operator.admin"],"device":{"id":"9245e5d21a5ba88ec37cc4b589260408f32411a500bf1db5c593d6ed7577b5b9","publicKey":"oXWHrzKoRFy1KoGSjcJWhwiHGSqkNQPtCdJ6i7B63co","signature":"1scDDwwU7vGrp7BOoHok7BbfM3kiYN68Q4ZYsteAc0x1b8MfgRGGecBYv12ZOuADc7V9TL5aMx6ji8IpincZBg","signedAt":1795403508139,"nonce":"364d8cec-3c87-465d-b9d0-951228be8d10"}}}"#;
    let (id, params) = read_connect(text).unwrap();
    assert_eq!(id, "c1");
    let attempt = Attempt { params: serde_json::to_value(params).unwrap(), ..Attempt::new() };
    let accepted = attempt.accept(&mut DeviceBook::default());
    assert_eq!(accepted.session.client.display_name.as_deref(), Some("Capture"));
}
