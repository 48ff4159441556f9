//! Every rejection with code, text, close, and details; texts and close codes as recorded from the published
//! gateway.

mod accepted;
mod rejected;

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::*;
use crate::auth::device::{DeviceKey, SignedFields};
use crate::auth::locality::PeerFacts;
use crate::auth::tailscale::TailscaleIdentity;
use crate::gateway::devices::DeviceBook;
use crate::protocol::connect::ConnectParams;
use crate::settings::{AuthMode, AuthSettings, Secret};

const NOW: u64 = 1_795_403_508_139;
const NONCE: &str = "364d8cec-3c87-465d-b9d0-951228be8d10";
const REQUEST_ID: &str = "3df5f917-4079-43aa-a221-e4df576a81ad";
const TOKEN: &str = "a9dfca82c2884f19a69901b519b19ec0";

/// One handshake: the parts that tests change, and the facts around them.
struct Attempt {
    params: Value,
    peer: PeerFacts,
    identity: TailscaleIdentity,
    auth: AuthSettings,
    allow_insecure_auth: bool,
    now_ms: u64,
    fresh_token: &'static str,
}

impl Attempt {
    /// A local client of a gateway without authentication.
    fn new() -> Self {
        Self {
            params: json!({
                "minProtocol": 3, "maxProtocol": 3,
                "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "backend" },
            }),
            peer: PeerFacts::local(),
            identity: TailscaleIdentity::NoUser,
            auth: AuthSettings::default(),
            allow_insecure_auth: false,
            now_ms: NOW,
            fresh_token: TOKEN,
        }
    }

    /// From another machine.
    fn remote(mut self) -> Self {
        let client_ip = Some("203.0.113.9".parse().unwrap());
        self.peer = PeerFacts { client_ip, is_local: false, is_local_direct: false, ..PeerFacts::local() };
        self
    }

    fn token_mode(mut self) -> Self {
        self.auth = AuthSettings {
            mode: AuthMode::Token,
            token: Some(Secret::new("right")),
            ..AuthSettings::default()
        };
        self
    }

    fn password_mode(mut self) -> Self {
        self.auth = AuthSettings {
            mode: AuthMode::Password,
            password: Some(Secret::new("right")),
            ..AuthSettings::default()
        };
        self
    }

    fn set(mut self, member: &str, value: Value) -> Self {
        self.params[member] = value;
        self
    }

    fn token(self, token: &str) -> Self {
        self.set("auth", json!({ "token": token }))
    }

    fn client(mut self, id: &str, mode: &str) -> Self {
        self.params["client"]["id"] = json!(id);
        self.params["client"]["mode"] = json!(mode);
        self
    }

    /// Signs what has been set so far.
    fn device(mut self) -> Self {
        let params = ConnectParams::parse(self.params.clone()).unwrap();
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = DeviceKey::of(&key);
        let fields = SignedFields {
            device_id: &public.device_id(),
            client_id: &params.client.id,
            client_mode: &params.client.mode,
            role: params.role.as_deref().unwrap_or("operator"),
            scopes: params.scopes.as_deref().unwrap_or_default(),
            signed_at_ms: NOW,
            token: params.token().unwrap_or_default(),
            nonce: Some(NONCE),
        };
        self.params["device"] = json!({
            "id": public.device_id(),
            "publicKey": public.to_base64url(),
            "signature": fields.sign(&key),
            "signedAt": NOW,
            "nonce": NONCE,
        });
        self
    }

    /// Changes the proof after signing.
    fn proof(mut self, member: &str, value: Value) -> Self {
        self.params["device"][member] = value;
        self
    }

    fn decide(&self, book: &mut DeviceBook) -> Result<Accepted, Box<Rejection>> {
        let facts = Facts {
            now_ms: self.now_ms,
            nonce: NONCE,
            peer: &self.peer,
            identity: &self.identity,
            auth: &self.auth,
            allow_insecure_auth: self.allow_insecure_auth,
            command: "clawdbot --profile dev",
            fresh_request_id: REQUEST_ID,
            fresh_token: self.fresh_token,
        };
        decide(ConnectParams::parse(self.params.clone()).unwrap(), &facts, book)
    }

    #[track_caller]
    fn accept(&self, book: &mut DeviceBook) -> Accepted {
        match self.decide(book) {
            Ok(accepted) => accepted,
            Err(rejection) => panic!("rejected: {rejection:?}"),
        }
    }

    /// With an empty book.
    #[track_caller]
    fn reject_first(self) -> Box<Rejection> {
        self.reject(&mut DeviceBook::default())
    }

    #[track_caller]
    fn reject(&self, book: &mut DeviceBook) -> Box<Rejection> {
        match self.decide(book) {
            Err(rejection) => rejection,
            Ok(accepted) => panic!("accepted: {accepted:?}"),
        }
    }
}

fn device_id() -> String {
    DeviceKey::of(&SigningKey::from_bytes(&[7; 32])).device_id()
}

fn tailscale_user() -> TailscaleIdentity {
    TailscaleIdentity::Verified("ada@example.org".to_owned())
}
