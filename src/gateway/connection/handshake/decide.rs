//! Parameters and facts → session or rejection.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{authenticate, pairing, proof};
use crate::auth::locality::PeerFacts;
use crate::auth::tailscale::TailscaleIdentity;
use crate::gateway::devices::DeviceBook;
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::close::Close;
use crate::protocol::connect::{ClientInfo, ConnectParams};
use crate::protocol::error::RpcError;
use crate::protocol::hello::HelloAuth;
use crate::protocol::replay::Resume;
use crate::protocol::role::{Role, Scope};
use crate::settings::{AuthMode, AuthSettings};

/// Everything a decision depends on besides the parameters and the book.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Now, Unix milliseconds.
    pub now_ms: u64,
    /// The nonce that was sent in this connection's `connect.challenge`.
    pub nonce: &'a str,
    /// Where the client is.
    pub peer: &'a PeerFacts,
    /// What Tailscale vouches for.
    pub identity: &'a TailscaleIdentity,
    /// How clients authenticate.
    pub auth: &'a AuthSettings,
    /// `gateway.controlUi.allowInsecureAuth`.
    pub allow_insecure_auth: bool,
    /// The command line that means this program with the gateway's profile.
    pub command: &'a str,
    /// Fresh UUID, used if a pairing request is made.
    pub fresh_request_id: &'a str,
    /// 32 fresh lower-case hexadecimal characters, used if a device token is issued.
    pub fresh_token: &'a str,
}

/// A client that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// What it is.
    pub role: Role,
    /// The scopes it was granted.
    pub scopes: Vec<String>,
    /// Who it says it is.
    pub client: ClientInfo,
    /// Its device, when it has proved one.
    pub device_id: Option<String>,
    /// Its address, unless it is on this machine or hidden behind an untrusted proxy.
    pub remote_ip: Option<String>,
    /// Whether it is on this machine.
    pub is_local: bool,
    /// Its capabilities.
    pub caps: Vec<String>,
    /// The commands that a node offers.
    pub commands: Vec<String>,
    /// The permissions that a node has.
    pub permissions: BTreeMap<String, bool>,
    /// `PATH` of a node host.
    pub path_env: Option<String>,
}

impl Session {
    /// A program on no connection of its own that has shown the gateway's secret: it may do everything.
    pub(crate) fn of_program(version: &str) -> Self {
        Self {
            role: Role::Operator,
            scopes: vec![Scope::Admin.as_str().to_owned()],
            client: ClientInfo {
                id: "gateway-client".to_owned(),
                display_name: None,
                version: version.to_owned(),
                platform: String::new(),
                device_family: None,
                model_identifier: None,
                mode: "backend".to_owned(),
                instance_id: None,
            },
            device_id: None,
            remote_ip: None,
            is_local: false,
            caps: Vec::new(),
            commands: Vec::new(),
            permissions: BTreeMap::new(),
            path_env: None,
        }
    }
}

/// Result of a successful handshake.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The session.
    pub session: Session,
    /// The device token for `hello-ok`.
    pub auth: Option<HelloAuth>,
    /// What to broadcast.
    pub events: Vec<DeviceEvent>,
    /// Whether it asked for the replay of what it missed.
    pub asks_replay: bool,
    /// Where it was, if it said so.
    pub resume: Option<Resume>,
}

/// Result of a failed handshake.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The answer.
    pub error: RpcError,
    /// How to close after it.
    pub close: Close,
    /// Where the handshake failed, for the log and for slowing down repeated failures.
    pub stage: Stage,
    /// What to broadcast.
    pub events: Vec<DeviceEvent>,
    /// Present when a secret was wrong; absent when none was given.
    pub guess: Option<Guess>,
}

/// A wrong secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// Whose it is: the paired device that has proved itself, if one has.
    pub device_id: Option<String>,
}

/// The stages of a handshake, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Protocol version.
    Protocol,
    /// Role.
    Role,
    /// Proxy headers without authentication.
    Proxy,
    /// Presence of a device identity.
    Identity,
    /// Proof of that identity.
    Proof,
    /// Shared secret or device token.
    Authentication,
    /// Pairing.
    Pairing,
}

/// A change of the device book that clients with the scope `operator.pairing` hear of.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceEvent {
    /// `device.pair.requested` with the request.
    Requested(Value),
    /// `device.pair.resolved` with the decision.
    Resolved(Value),
}

/// Decides on a connection. Changes the book only where pairing and tokens require it.
pub fn decide(
    params: ConnectParams,
    facts: &Facts<'_>,
    book: &mut DeviceBook,
) -> Result<Accepted, Box<Rejection>> {
    if params.max_protocol < PROTOCOL_VERSION || params.min_protocol > PROTOCOL_VERSION {
        let error = RpcError::invalid("protocol mismatch")
            .with_details(json!({ "expectedProtocol": PROTOCOL_VERSION }));
        let close = Close::protocol_mismatch();
        return Err(Rejection { close, ..*Rejection::new(Stage::Protocol, error) }.into());
    }
    let role = requested_role(&params)?;
    // Where Tailscale's identities count, one of them is demanded below.
    if facts.peer.untrusted_proxy && facts.auth.mode == AuthMode::None && !facts.auth.allow_tailscale {
        let error = RpcError::invalid("gateway auth required behind reverse proxy")
            .with_details(json!({ "hint": "set gateway.auth or configure gateway.trustedProxies" }));
        let close = Close::policy("gateway auth required");
        return Err(Rejection { close, ..*Rejection::new(Stage::Proxy, error) }.into());
    }
    let requested = params.scopes.clone().filter(|scopes| !scopes.is_empty());
    let scopes = requested.unwrap_or_else(|| role.default_scopes());
    let key = match &params.device {
        None => {
            require_token(&params, facts)?;
            None
        }
        Some(device) => Some(proof::verify(device, &params, role, facts)?),
    };
    authenticate::check(&params, role, &scopes, key.as_ref(), facts, book)?;
    let mut paired = pairing::Paired::default();
    if let (Some(device), Some(key)) = (&params.device, key)
        && !(is_insecure_control_ui(&params, facts) && has_secret(&params))
    {
        paired = pairing::ensure(&device.id, &key, &params.client, role, &scopes, facts, book)?;
    }
    Ok(Accepted {
        asks_replay: params.asks_replay(),
        resume: params.replay,
        session: Session {
            role,
            scopes,
            client: params.client,
            device_id: params.device.map(|device| device.id),
            remote_ip: facts.peer.remote_ip(),
            is_local: facts.peer.is_local,
            caps: params.caps.unwrap_or_default(),
            commands: params.commands.unwrap_or_default(),
            permissions: params.permissions.unwrap_or_default(),
            path_env: params.path_env,
        },
        auth: paired.auth,
        events: paired.events,
    })
}

impl Rejection {
    /// A refusal whose close reason is its message.
    pub(super) fn new(stage: Stage, error: RpcError) -> Box<Self> {
        let close = Close::policy(&error.message);
        Box::new(Self { error, close, stage, events: Vec::new(), guess: None })
    }
}

impl DeviceEvent {
    /// The event's payload.
    pub fn payload(&self) -> &Value {
        match self {
            Self::Requested(payload) | Self::Resolved(payload) => payload,
        }
    }
}

/// The paired device that has proved itself, if one has. Asks only; the decision does so again.
pub fn proved_device(params: &ConnectParams, facts: &Facts<'_>, book: &DeviceBook) -> Option<String> {
    let device = params.device.as_ref()?;
    let role = requested_role(params).ok()?;
    let key = proof::verify(device, params, role, facts).ok()?;
    pairing::is_known(&device.id, &key, book).then(|| device.id.clone())
}

fn requested_role(params: &ConnectParams) -> Result<Role, Box<Rejection>> {
    let Some(name) = &params.role else { return Ok(Role::default()) };
    Role::parse(name).ok_or_else(|| {
        let error = RpcError::invalid("invalid role").with_details(json!({ "allowed": Role::NAMES }));
        Rejection::new(Stage::Role, error)
    })
}

/// Who may connect without a device identity (`wire-protocol` C.6).
fn require_token(params: &ConnectParams, facts: &Facts<'_>) -> Result<(), Box<Rejection>> {
    let insecure = is_insecure_control_ui(params, facts);
    if is_control_ui(params) && !insecure {
        let hint =
            "open the Control UI over HTTPS or on localhost, or set gateway.controlUi.allowInsecureAuth";
        let error = RpcError::invalid("control ui requires HTTPS or localhost (secure context)")
            .with_details(json!({ "hint": hint }));
        return Err(Rejection::new(Stage::Identity, error));
    }
    if if insecure { has_secret(params) } else { has_token(params) } {
        return Ok(());
    }
    let hint = "send connect.device (an Ed25519 key that signs the challenge) or a non-empty auth.token";
    let error = RpcError::not_paired("device identity required").with_details(json!({ "hint": hint }));
    Err(Rejection::new(Stage::Identity, error))
}

fn is_control_ui(params: &ConnectParams) -> bool {
    params.client.id == "clawdbot-control-ui"
}

fn is_insecure_control_ui(params: &ConnectParams, facts: &Facts<'_>) -> bool {
    is_control_ui(params) && facts.allow_insecure_auth
}

fn has_token(params: &ConnectParams) -> bool {
    params.token().is_some()
}

fn has_secret(params: &ConnectParams) -> bool {
    has_token(params) || params.password().is_some()
}
