//! First messages: parameters of `connect`, and the decision about them.

use std::net::{IpAddr, Ipv4Addr};

use ed25519_dalek::SigningKey;

use super::frames::is_in_proportion;
use crate::auth::device::{DeviceKey, SignedFields, id_of};
use crate::auth::locality::PeerFacts;
use crate::auth::tailscale::TailscaleIdentity;
use crate::gateway::connection::handshake::{Accepted, Facts, Rejection, decide, read_connect};
use crate::gateway::devices::DeviceBook;
use crate::protocol::close::Close;
use crate::protocol::connect::ConnectParams;
use crate::protocol::limits::CLOSE_REASON_MAX;
use crate::protocol::role::Role;
use crate::protocol::schemas::CONNECT;
use crate::protocol::validate::validate;
use crate::settings::{AuthMode, AuthSettings, Secret};

const NOW: u64 = 1_795_403_508_139;
const NONCE: &str = "364d8cec-3c87-465d-b9d0-951228be8d10";
const REQUEST_ID: &str = "3df5f917-4079-43aa-a221-e4df576a81ad";
const FRESH_TOKEN: &str = "a9dfca82c2884f19a69901b519b19ec0";
/// What the gateway has, and what a client has that means another one.
const RIGHT: &str = "6d1f-the-secret-of-the-gateway-02";
const WRONG: &str = "b7e3-the-secret-of-a-client-b7e31";
/// Where an input has this, the gateway's secret is meant: no fuzzer finds the secret itself.
const MEANS_RIGHT: &str = "fixture";
/// The same for a signature.
const MEANS_SIGNED: &str = "signed";

/// Reads a first message and decides about it, for every way to authenticate and from near and far.
///
/// # Panics
///
/// When what was read does not fit the schema or is not the same after it was written, when somebody is let in who
/// has not shown what is asked for, or when a refusal tells a secret.
pub fn connect(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut params = match read_connect(text) {
        Ok((_, params)) => params,
        Err(bad) => {
            is_closable(&bad.close);
            return bad.response.iter().for_each(|response| is_in_proportion(response, text));
        }
    };
    is_the_same_when_written(&params);
    take_secrets(&mut params);
    for mode in [AuthMode::None, AuthMode::Token, AuthMode::Password] {
        for is_local in [true, false] {
            decided(&params, mode, is_local, text);
        }
    }
}

fn is_closable(close: &Close) {
    assert!(close.reason.len() <= CLOSE_REASON_MAX, "{close:?}");
}

fn is_the_same_when_written(params: &ConnectParams) {
    let written = serde_json::to_value(params).unwrap_or_default();
    assert_eq!(validate(&CONNECT, &written), Ok(()), "{written}");
    assert_eq!(ConnectParams::parse(written).as_ref(), Ok(params));
}

/// Gives the client secrets that are known not to be anywhere else, and a signature where one is meant.
fn take_secrets(params: &mut ConnectParams) {
    let secret = |given: &str| if given == MEANS_RIGHT { RIGHT } else { WRONG }.to_owned();
    if let Some(auth) = &mut params.auth {
        auth.token = auth.token.as_deref().filter(|token| !token.is_empty()).map(secret);
        auth.password = auth.password.as_deref().filter(|password| !password.is_empty()).map(secret);
    }
    let token = params.token().unwrap_or_default().to_owned();
    let Some(device) = &mut params.device else { return };
    if device.signature != MEANS_SIGNED {
        return;
    }
    let key = SigningKey::from_bytes(&[7; 32]);
    device.public_key = DeviceKey::of(&key).to_base64url();
    device.id = DeviceKey::of(&key).device_id();
    device.signed_at = NOW;
    device.nonce = Some(NONCE.to_owned());
    let fields = SignedFields {
        device_id: &device.id,
        client_id: &params.client.id,
        client_mode: &params.client.mode,
        role: params.role.as_deref().unwrap_or("operator"),
        scopes: params.scopes.as_deref().unwrap_or_default(),
        signed_at_ms: NOW,
        token: &token,
        nonce: Some(NONCE),
    };
    device.signature = fields.sign(&key);
}

fn decided(params: &ConnectParams, mode: AuthMode, is_local: bool, text: &str) {
    let auth = AuthSettings {
        mode,
        token: Some(Secret::new(RIGHT)),
        password: Some(Secret::new(RIGHT)),
        ..AuthSettings::default()
    };
    let far = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    let peer = if is_local {
        PeerFacts::local()
    } else {
        PeerFacts { client_ip: Some(far), is_local: false, is_local_direct: false, ..PeerFacts::local() }
    };
    let facts = Facts {
        now_ms: NOW,
        nonce: NONCE,
        peer: &peer,
        identity: &TailscaleIdentity::NoUser,
        auth: &auth,
        allow_insecure_auth: false,
        command: "clawdbot",
        fresh_request_id: REQUEST_ID,
        fresh_token: FRESH_TOKEN,
    };
    let mut book = DeviceBook::default();
    match decide(params.clone(), &facts, &mut book) {
        Ok(accepted) => was_let_in_rightly(&accepted, params, mode, is_local),
        Err(rejection) => tells_nothing(&rejection, text),
    }
    let paired = book.devices().count();
    assert!(paired <= usize::from(is_local), "paired from afar");
}

fn was_let_in_rightly(accepted: &Accepted, params: &ConnectParams, mode: AuthMode, is_local: bool) {
    let session = &accepted.session;
    match mode {
        AuthMode::None => {}
        AuthMode::Token => assert_eq!(params.token(), Some(RIGHT)),
        AuthMode::Password => assert_eq!(params.password(), Some(RIGHT)),
    }
    match &params.device {
        None => assert!(params.token().is_some() && session.device_id.is_none(), "neither device nor token"),
        Some(device) => {
            assert!(is_local, "an unknown device from afar");
            assert_eq!(session.device_id, id_of(&device.public_key));
        }
    }
    let role = params.role.as_deref().map_or(Some(Role::default()), Role::parse);
    assert_eq!(Some(session.role), role);
    let asked = params.scopes.as_deref().filter(|scopes| !scopes.is_empty());
    assert_eq!(session.scopes, asked.map_or_else(|| session.role.default_scopes(), <[String]>::to_vec));
}

fn tells_nothing(rejection: &Rejection, text: &str) {
    is_closable(&rejection.close);
    is_in_proportion(&rejection.error, text);
    let mut told = serde_json::to_value(&rejection.error).unwrap_or_default().to_string();
    told.push_str(&rejection.close.reason);
    told.extend(rejection.events.iter().map(|event| event.payload().to_string()));
    for secret in [RIGHT, WRONG, FRESH_TOKEN] {
        assert!(!told.contains(secret), "{told}");
    }
}
