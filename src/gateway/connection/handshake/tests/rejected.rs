//! What is refused, and how.

use serde_json::{Value, json};

use super::*;
use crate::protocol::error::ErrorCode;

/// Expects this code and text, and a close 1008 with the text as its reason.
#[track_caller]
fn check(attempt: Attempt, stage: Stage, code: ErrorCode, message: &str) -> Value {
    let rejection = attempt.reject_first();
    assert_eq!(rejection.error.message, message);
    assert_eq!(rejection.error.code, code, "{message}");
    assert_eq!((rejection.close.code, rejection.close.reason.as_str()), (1008, message));
    assert_eq!(rejection.stage, stage, "{message}");
    rejection.error.details.unwrap_or_default()
}

#[track_caller]
fn check_invalid(attempt: Attempt, stage: Stage, message: &str) -> Value {
    check(attempt, stage, ErrorCode::InvalidRequest, message)
}

#[test]
fn protocol_versions_without_overlap() {
    for (min, max) in [(4, 5), (1, 2)] {
        let attempt = Attempt::new().set("minProtocol", json!(min)).set("maxProtocol", json!(max));
        let rejection = attempt.reject(&mut DeviceBook::default());
        assert_eq!(rejection.error.message, "protocol mismatch");
        assert_eq!(rejection.error.details, Some(json!({ "expectedProtocol": 3 })));
        assert_eq!((rejection.close.code, rejection.close.reason.as_str()), (1002, "protocol mismatch"));
        assert_eq!(rejection.stage, Stage::Protocol);
    }
}

#[test]
fn unknown_roles() {
    for role in ["boss", "Node", " operator "] {
        let details = check_invalid(Attempt::new().set("role", json!(role)), Stage::Role, "invalid role");
        assert_eq!(details, json!({ "allowed": ["operator", "node"] }));
    }
}

#[test]
fn an_untrusted_proxy_before_a_gateway_without_authentication() {
    for device in [false, true] {
        let mut attempt = Attempt::new();
        if device {
            attempt = attempt.device();
        }
        attempt.peer.untrusted_proxy = true;
        let rejection = attempt.reject(&mut DeviceBook::default());
        assert_eq!(rejection.error.message, "gateway auth required behind reverse proxy");
        assert_eq!(
            rejection.error.details,
            Some(json!({ "hint": "set gateway.auth or configure gateway.trustedProxies" }))
        );
        assert_eq!((rejection.close.code, rejection.close.reason.as_str()), (1008, "gateway auth required"));
    }
}

#[test]
fn no_device_and_no_token() {
    let missing = "device identity required";
    let not_paired = |attempt| check(attempt, Stage::Identity, ErrorCode::NotPaired, missing);
    let details = not_paired(Attempt::new());
    assert!(details["hint"].as_str().unwrap().contains("connect.device"));
    not_paired(Attempt::new().token_mode().token(""));
    not_paired(Attempt::new().password_mode().set("auth", json!({ "password": "right" })));
}

#[test]
fn the_control_ui_without_a_device() {
    let ui = || Attempt::new().client("clawdbot-control-ui", "ui");
    let insecure = || Attempt { allow_insecure_auth: true, ..ui() };
    let secure_context = "control ui requires HTTPS or localhost (secure context)";
    check_invalid(ui(), Stage::Identity, secure_context);
    check_invalid(ui().token("right").token_mode(), Stage::Identity, secure_context);
    check(insecure(), Stage::Identity, ErrorCode::NotPaired, "device identity required");
}

#[test]
fn identities_that_are_not_proved() {
    let signed = || Attempt::new().device();
    let check = |attempt, message| check_invalid(attempt, Stage::Proof, message);
    check(signed().proof("id", json!("0".repeat(64))), "device identity mismatch");
    check(signed().proof("id", json!(device_id().to_uppercase())), "device identity mismatch");
    check(signed().proof("publicKey", json!("BEGIN")), "device identity mismatch");
    check(signed().proof("nonce", json!("another")), "device nonce mismatch");
    check(signed().proof("signature", json!("AAAA")), "device signature invalid");
    check(signed().set("scopes", json!(["operator.read"])), "device signature invalid");
    check(signed().token("another"), "device signature invalid");
    check(signed().client("cli", "cli"), "device signature invalid");

    let mut without_nonce = signed().remote();
    without_nonce.params["device"].as_object_mut().unwrap().remove("nonce");
    check(without_nonce, "device nonce required");
    check(signed().remote().proof("nonce", json!(" ")), "device nonce required");
}

#[test]
fn signatures_of_another_time() {
    let at = |now_ms| Attempt { now_ms, ..Attempt::new().device() };
    let expired = "device signature expired";
    for now_ms in [NOW + 600_001, NOW - 600_001] {
        let details = check_invalid(at(now_ms), Stage::Proof, expired);
        assert_eq!((&details["nowMs"], &details["maxSkewMs"]), (&json!(now_ms), &json!(600_000)));
    }
    for now_ms in [NOW + 600_000, NOW - 600_000] {
        at(now_ms).accept(&mut DeviceBook::default());
    }
}

#[test]
fn bytes_that_are_no_key() {
    use base64::Engine;

    let bytes = [1_u8; 31];
    let public_key = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let id = crate::auth::device::id_of(&public_key).unwrap();
    let attempt = Attempt::new().device().proof("publicKey", json!(public_key)).proof("id", json!(id));
    let details = check_invalid(attempt, Stage::Proof, "device signature invalid");
    assert!(details["hint"].as_str().unwrap().contains("publicKey"));
}

#[test]
fn tokens() {
    let attempt = || Attempt::new().token_mode();
    let unauthorized = |attempt, what: &str| {
        let message = format!("unauthorized: gateway {what} (provide gateway auth token)");
        check_invalid(attempt, Stage::Authentication, &message)
    };
    let details = unauthorized(attempt().token("wrong"), "token mismatch");
    assert_eq!(details, json!({ "reason": "token_mismatch", "expected": "token" }));
    unauthorized(attempt().token("wrong").device(), "token mismatch");
    unauthorized(attempt().token("right ").device(), "token mismatch");
    unauthorized(attempt().device(), "token missing");
    unauthorized(attempt().token("").device(), "token missing");
    unauthorized(attempt().set("auth", json!({ "password": "right" })).device(), "token missing");
}

#[test]
fn passwords() {
    let attempt = || Attempt::new().password_mode();
    let unauthorized = |attempt, what: &str| {
        let message = format!("unauthorized: gateway {what} (provide gateway auth password)");
        check_invalid(attempt, Stage::Authentication, &message)
    };
    let wrong = json!({ "password": "wrong" });
    let details = unauthorized(attempt().set("auth", wrong).device(), "password mismatch");
    assert_eq!(details, json!({ "reason": "password_mismatch", "expected": "password" }));
    unauthorized(attempt().device(), "password missing");
    unauthorized(attempt().token("right"), "password missing");
}

#[test]
fn hints_fit_the_client() {
    let cli = "set gateway.remote.token to match gateway.auth.token";
    let ui = "open a tokenized dashboard URL or paste token in Control UI settings";
    let other = "provide gateway auth token";
    for (id, mode, hint) in [
        ("cli", "cli", cli),
        ("gateway-client", "cli", cli),
        ("cli", "backend", other),
        ("webchat", "ui", other),
        ("webchat-ui", "ui", ui),
        ("test", "webchat", ui),
        ("clawdbot-macos", "ui", other),
    ] {
        let attempt = Attempt::new().token_mode().client(id, mode).token("wrong");
        let message = format!("unauthorized: gateway token mismatch ({hint})");
        check_invalid(attempt, Stage::Authentication, &message);
    }
    let attempt = Attempt { allow_insecure_auth: true, ..Attempt::new().password_mode() };
    let attempt = attempt.client("clawdbot-control-ui", "ui").set("auth", json!({ "password": "wrong" }));
    let message = "unauthorized: gateway password mismatch (enter the password in Control UI settings)";
    check_invalid(attempt, Stage::Authentication, message);
    let attempt = Attempt::new().password_mode().client("cli", "cli").device();
    let message =
        "unauthorized: gateway password missing (set gateway.remote.password to match gateway.auth.password)";
    check_invalid(attempt, Stage::Authentication, message);
}

#[test]
fn a_mode_without_its_secret_lets_nobody_in() {
    for (mode, name) in [(AuthMode::Token, "token"), (AuthMode::Password, "password")] {
        for secret in [None, Some(Secret::new(""))] {
            let mut attempt = Attempt::new().token("x");
            attempt.auth =
                AuthSettings { mode, token: secret.clone(), password: secret, ..AuthSettings::default() };
            let message =
                format!("unauthorized: gateway {name} not configured on gateway (set gateway.auth.{name})");
            check_invalid(attempt, Stage::Authentication, &message);
        }
    }
}

#[test]
fn tailscale_without_a_verified_identity() {
    let attempt = |identity: &TailscaleIdentity| {
        let mut attempt = Attempt::new().remote().token("x");
        // What comes by way of `tailscale serve`.
        attempt.peer.untrusted_proxy = true;
        attempt.auth.allow_tailscale = true;
        attempt.identity = identity.clone();
        attempt
    };
    let (serve_auth, serve) = ("use Tailscale Serve auth", "use Tailscale Serve");
    for (identity, what, fix) in [
        (TailscaleIdentity::NoUser, "tailscale identity missing", serve_auth),
        (TailscaleIdentity::NotProxied, "tailscale proxy headers missing", serve),
        (TailscaleIdentity::Unchecked, "tailscale identity check failed", serve_auth),
        (TailscaleIdentity::Mismatch, "tailscale identity mismatch", serve_auth),
    ] {
        let message = format!("unauthorized: {what} ({fix} or gateway token/password)");
        check_invalid(attempt(&identity), Stage::Authentication, &message);
        // With a secret to fall back on, the secret decides.
        let mut with_secret = attempt(&identity).token("right");
        with_secret.auth = AuthSettings { allow_tailscale: true, ..Attempt::new().token_mode().auth };
        with_secret.accept(&mut DeviceBook::default());
        let mut wrong = attempt(&identity);
        wrong.auth = with_secret.auth.clone();
        let rejection = wrong.reject_first();
        assert_eq!(rejection.error.details.unwrap()["reason"], json!("token_mismatch"));
        assert_eq!(rejection.guess, Some(Guess { device_id: None }));
        // Without one, the person is told about the identity, if there was one.
        let mut without = attempt(&identity).set("auth", json!({})).device();
        without.auth = with_secret.auth.clone();
        let rejection = without.reject_first();
        let expected = if identity == TailscaleIdentity::NoUser { "gateway token missing" } else { what };
        assert!(rejection.error.message.contains(expected), "{}", rejection.error.message);
        assert_eq!(rejection.guess, None);
    }
    attempt(&tailscale_user()).accept(&mut DeviceBook::default());
    let mut not_allowed = attempt(&tailscale_user());
    not_allowed.auth.allow_tailscale = false;
    let refused = not_allowed.reject_first();
    assert_eq!(refused.error.message, "gateway auth required behind reverse proxy");
}

#[test]
fn a_remote_device_waits_for_a_person() {
    let mut book = DeviceBook::default();
    let attempt = Attempt::new().remote().token_mode().token("right").device();
    let rejection = attempt.reject(&mut book);
    assert_eq!(rejection.error.code, ErrorCode::NotPaired);
    assert_eq!(rejection.error.message, "pairing required");
    assert_eq!((rejection.close.code, rejection.close.reason.as_str()), (1008, "pairing required"));
    let details = rejection.error.details.unwrap();
    assert_eq!(details["requestId"], json!(REQUEST_ID));
    assert_eq!(
        details["hint"],
        json!(format!(
            "on the gateway's machine run: clawdbot --profile dev gateway call device.pair.approve \
             --params '{{\"requestId\":\"{REQUEST_ID}\"}}'"
        ))
    );
    let [DeviceEvent::Requested(request)] = rejection.events.as_slice() else {
        panic!("{:?}", rejection.events)
    };
    assert_eq!(request["requestId"], json!(REQUEST_ID));
    assert_eq!(request["remoteIp"], json!("203.0.113.9"));
    assert_eq!(request["silent"], json!(false));

    // The same request, and nobody is told twice.
    let again = attempt.reject(&mut book);
    assert_eq!(again.error.details.unwrap()["requestId"], json!(REQUEST_ID));
    assert_eq!(again.events, []);
}

#[test]
fn a_request_that_waits_for_a_person_is_not_approved_silently() {
    let mut book = DeviceBook::default();
    Attempt::new().remote().token_mode().token("right").device().reject(&mut book);
    let local = Attempt::new().token_mode().token("right").device();
    assert_eq!(local.reject(&mut book).error.message, "pairing required");
    let later = Attempt { now_ms: NOW + 300_001, ..Attempt::new().token_mode().token("right").device() };
    later.accept(&mut book);
}

#[track_caller]
fn check_first(text: &str, answer: Option<&str>, code: u16, reason: &str) {
    let bad = read_connect(text).unwrap_err();
    let message = bad.response.and_then(|response| response.error).map(|error| error.message);
    assert_eq!(message.as_deref(), answer, "{text}");
    assert_eq!((bad.close.code, bad.close.reason.as_str()), (code, reason), "{text}");
}

#[test]
fn first_messages() {
    check_first("nope", None, 1000, "");
    check_first("7", None, 1008, "invalid request frame");
    check_first(r#"{"type":"req","id":"","method":"connect"}"#, None, 1008, "invalid request frame");
    check_first(r#"{"type":"event","event":"x"}"#, None, 1008, "invalid request frame");
    let not_connect = "invalid handshake: first request must be connect";
    check_first(r#"{"type":"req","id":"a","method":"health"}"#, Some(not_connect), 1008, not_connect);
    let not_object = "invalid connect params: must be object";
    for params in ["null", "[]", "\"x\""] {
        let text = format!(r#"{{"type":"req","id":"a","method":"connect","params":{params}}}"#);
        check_first(&text, Some(not_object), 1008, not_object);
    }
    let long = "invalid connect params: at /client: must have required property 'id'; at /client: must have required property 'version'; at /client: must have required property 'platform'; at /client: must have required property 'mode'";
    check_first(
        r#"{"type":"req","id":"a","method":"connect","params":{"minProtocol":3,"maxProtocol":3,"client":{}}}"#,
        Some(long),
        1008,
        &long[..120],
    );
}
