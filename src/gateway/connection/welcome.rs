//! The first message of a connection: the decision, and everything that follows from it.

use std::sync::Arc;
use std::time::Duration;

use super::handshake::{self, Accepted, DeviceEvent, Facts, Guess, Rejection, Session};
use super::outbound::{LINGER, Outbound};
use crate::auth::locality::PeerFacts;
use crate::auth::tailscale::TailscaleIdentity;
use crate::gateway::canvas;
use crate::gateway::clients::Client;
use crate::gateway::context::{Gateway, VERSION};
use crate::gateway::devices::Urgency;
use crate::gateway::drain::Phase;
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::nodes;
use crate::gateway::presence::PresenceEntry;
use crate::gateway::replay::Asker;
use crate::gateway::rpc::{self, Caller};
use crate::gateway::throttle::Source;
use crate::gateway::voicewake;
use crate::logging::subsystem;
use crate::platform::host;
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::close::Close;
use crate::protocol::connect::ConnectParams;
use crate::protocol::error::RpcError;
use crate::protocol::frame::Response;
use crate::protocol::hello::{Features, HelloAuth, HelloOk, HelloType, Policy, ServerInfo, Snapshot};
use crate::protocol::role::Role;
use crate::settings::GatewaySettings;

/// What a first message is judged by.
pub(super) struct Arrival<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) peer: &'a PeerFacts,
    pub(super) conn_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) outbound: &'a Arc<Outbound>,
}

/// A client that was let in.
pub(super) struct Welcome {
    /// Who calls, for its requests.
    pub(super) caller: Caller,
    /// Its id in the presence list and its entry; `None` for clients of mode `cli`, which come and go.
    presence: Option<(String, PresenceEntry)>,
}

impl<'a> Arrival<'a> {
    /// What the handshake is decided by.
    fn facts<'b>(
        &self,
        identity: &'b TailscaleIdentity,
        settings: &'b GatewaySettings,
        command: &'b str,
        request_id: &'b str,
        token: &'b str,
    ) -> Facts<'b>
    where
        'a: 'b,
    {
        Facts {
            now_ms: self.gateway.now_ms(),
            nonce: self.nonce,
            peer: self.peer,
            identity,
            auth: &settings.auth,
            allow_insecure_auth: settings.allow_insecure_auth,
            command,
            fresh_request_id: request_id,
            fresh_token: token,
        }
    }

    /// Whom a wrong secret is counted against, unless a device has proved itself.
    fn source(&self) -> Source {
        Source::of(self.peer)
    }
}

/// Reads the first message, answers it, and lets the client in or closes. `None` when it was refused.
pub(super) async fn receive(text: &str, arrival: &Arrival<'_>) -> Option<Welcome> {
    let gateway = arrival.gateway;
    let (request_id, params) = match handshake::read_connect(text) {
        Ok(read) => read,
        Err(bad) => {
            tracing::info!(target: subsystem::WS, reason = bad.close.reason, "refused a first message");
            if let Some(response) = &bad.response {
                arrival.outbound.send(rpc::encode(response));
            }
            arrival.outbound.close(bad.close, LINGER);
            return None;
        }
    };
    let identity = identify(arrival).await;
    // After the waiting, and with none until the decision.
    if gateway.lifecycle.phase() >= Phase::Released {
        // The state is somebody else's: nothing may be decided on it any more.
        arrival.outbound.close(Close::service_restart(), LINGER);
        return None;
    }
    if !is_admitted(&params, &identity, arrival) {
        turn_away(&request_id, arrival);
        return None;
    }
    match decide(params, &identity, arrival) {
        Ok(accepted) => Some(let_in(&request_id, accepted, arrival)),
        Err(rejection) => {
            refuse(&request_id, *rejection, arrival).await;
            None
        }
    }
}

/// A client that was let in has gone.
pub(super) fn farewell(gateway: &Gateway, conn_id: &str, welcome: &Welcome) {
    gateway.clients.leave(conn_id);
    if welcome.caller.session.role == Role::Node {
        gateway.subscriptions.forget(conn_id);
        gateway.calls.lost(conn_id);
    }
    if let Some((id, entry)) = &welcome.presence {
        // A device may have several connections; it is gone with the last one.
        if gateway.clients.any(|session| presence_id(session, "").as_ref() == Some(id)) {
            return;
        }
        gateway.presence().disconnected(id, entry.clone(), gateway.now_ms());
        if gateway.lifecycle.phase() < Phase::Closing {
            gateway.announce_presence();
        }
    }
}

fn decide(
    params: ConnectParams,
    identity: &TailscaleIdentity,
    arrival: &Arrival<'_>,
) -> Result<Accepted, Box<Rejection>> {
    let (request_id, token) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().simple().to_string());
    let live = arrival.gateway.live();
    let command = arrival.gateway.paths.command();
    let facts = arrival.facts(identity, &live.settings, &command, &request_id, &token);
    let decision = arrival.gateway.devices.with(
        |book| handshake::decide(params, &facts, book),
        |decision| {
            let (events, auth) = match decision {
                Ok(accepted) => (&accepted.events, accepted.auth.as_ref()),
                Err(rejection) => (&rejection.events, None),
            };
            let is_new_token = |auth: &HelloAuth| auth.device_token == token;
            if !events.is_empty() || auth.is_some_and(is_new_token) {
                Urgency::Urgent
            } else {
                Urgency::Routine
            }
        },
    );
    let events = match &decision {
        Ok(accepted) => &accepted.events,
        Err(rejection) => &rejection.events,
    };
    for event in events {
        let name = match event {
            DeviceEvent::Requested(_) => EventName::DevicePairRequested,
            DeviceEvent::Resolved(_) => EventName::DevicePairResolved,
        };
        arrival.gateway.clients.broadcast(&EventFrame::new(name, event.payload(), None));
    }
    decision
}

/// What Tailscale says about who the client claims to be, where that counts.
async fn identify(arrival: &Arrival<'_>) -> TailscaleIdentity {
    let gateway = arrival.gateway;
    if !gateway.live().settings.auth.allow_tailscale || arrival.peer.is_local_direct {
        return TailscaleIdentity::NoUser;
    }
    gateway.tailnet.identify(arrival.peer, gateway.now_ms()).await
}

/// Whether a secret from there may be verified now. A client that proves a paired device is asked about itself
/// alone, and only when its address has no place left: that costs the check of a signature.
fn is_admitted(params: &ConnectParams, identity: &TailscaleIdentity, arrival: &Arrival<'_>) -> bool {
    let gateway = arrival.gateway;
    let now_ms = gateway.now_ms();
    if gateway.throttle().admits(&arrival.source(), now_ms) {
        return true;
    }
    let live = gateway.live();
    let facts = arrival.facts(identity, &live.settings, "", "", "");
    let proved =
        gateway.devices.with(|book| handshake::proved_device(params, &facts, book), |_| Urgency::Routine);
    proved.is_some_and(|device_id| gateway.throttle().admits(&Source::Device(device_id), now_ms))
}

/// Refuses a client unheard.
fn turn_away(request_id: &str, arrival: &Arrival<'_>) {
    tracing::warn!(target: subsystem::WS, "refused a client: too many wrong secrets");
    let error = RpcError::unavailable("too many failed attempts; retry later");
    arrival.outbound.send(rpc::encode(&Response::error(request_id, error)));
    arrival.outbound.close(Close::policy("too many failed attempts"), LINGER);
}

/// Answers a client that was refused; after a wrong secret only when it has waited for that.
async fn refuse(request_id: &str, rejection: Rejection, arrival: &Arrival<'_>) {
    let Rejection { error, close, stage, guess, .. } = rejection;
    let gateway = arrival.gateway;
    let reason = &error.message;
    let delay = if let Some(Guess { device_id }) = guess {
        tracing::warn!(target: subsystem::WS, reason, "refused a client");
        let source = device_id.map_or_else(|| arrival.source(), Source::Device);
        gateway.throttle().failed(source, gateway.now_ms())
    } else {
        tracing::info!(target: subsystem::WS, reason, ?stage, "refused a client");
        Duration::ZERO
    };
    gateway.lifecycle.hold_back(delay).await;
    arrival.outbound.send(rpc::encode(&Response::error(request_id, error)));
    arrival.outbound.close(close, LINGER);
}

fn let_in(request_id: &str, accepted: Accepted, arrival: &Arrival<'_>) -> Welcome {
    let (gateway, conn_id) = (arrival.gateway, arrival.conn_id);
    let Accepted { mut session, auth, asks_replay, resume, .. } = accepted;
    if session.role == Role::Node {
        let live = gateway.live();
        let lists = &live.config.gateway.nodes;
        session.commands = nodes::allowed_commands(
            &session.client,
            &session.commands,
            &lists.allow_commands,
            &lists.deny_commands,
        );
    }
    let presence = presence_id(&session, conn_id).map(|id| (id, presence_entry(&session, gateway.now_ms())));
    if let Some((id, entry)) = &presence {
        gateway.presence().connected(id, entry.clone());
    }
    let session = Arc::new(session);
    let hello = HelloOk { canvas_host_url: canvas_url(arrival), ..hello(gateway, conn_id, auth) };
    let client = Client {
        session: Arc::clone(&session),
        outbound: Arc::clone(arrival.outbound),
        connected_at_ms: gateway.now_ms(),
        stream: None,
    };
    if asks_replay {
        let fresh_token = uuid::Uuid::new_v4().simple().to_string();
        let asker = Asker { conn_id, session: &session, resume: resume.as_ref(), fresh_token: &fresh_token };
        gateway.clients.join_again(asker, client, |replay| {
            rpc::encode(&Response::ok(request_id, HelloOk { replay: Some(replay), ..hello }))
        });
    } else {
        arrival.outbound.send(rpc::encode(&Response::ok(request_id, hello)));
        gateway.clients.join(conn_id, client);
    }
    gateway.health.want();
    if session.role == Role::Node {
        tell_wake_words(gateway, arrival.outbound);
    }
    tracing::debug!(
        target: subsystem::WS,
        client = session.client.id,
        name = session.client.display_name,
        mode = session.client.mode,
        role = session.role.as_str(),
        "client connected"
    );
    Welcome { caller: Caller { conn_id: conn_id.into(), session }, presence }
}

/// A node is told the wake words without asking.
fn tell_wake_words(gateway: &Gateway, outbound: &Arc<Outbound>) {
    let (path, now_ms) = (voicewake::path(&gateway.paths.state_dir), gateway.now_ms());
    let outbound = Arc::clone(outbound);
    tokio::task::spawn_blocking(move || {
        let told = serde_json::json!({ "triggers": voicewake::load(&path, now_ms) });
        outbound.send(EventFrame::new(EventName::VoicewakeChanged, &told, None).unnumbered());
    });
}

/// Where this client finds the canvas, when it is served.
fn canvas_url(arrival: &Arrival<'_>) -> Option<String> {
    let live = arrival.gateway.live();
    live.settings.canvas.as_ref()?;
    let (reached, ends) = (arrival.peer.reached.as_ref()?, arrival.peer.ends?);
    canvas::base_url(&reached.host, ends.own.port(), live.settings.tls.is_some(), reached.is_https)
}

fn hello(gateway: &Gateway, conn_id: &str, auth: Option<HelloAuth>) -> HelloOk {
    let presence = gateway.presence().json(gateway.now_ms());
    let empty = || serde_json::json!({});
    HelloOk {
        kind: HelloType::HelloOk,
        protocol: PROTOCOL_VERSION,
        server: ServerInfo {
            version: VERSION.to_owned(),
            commit: None,
            host: Some(host::facts().name.clone()),
            conn_id: conn_id.to_owned(),
        },
        features: Features::served(),
        snapshot: Snapshot {
            presence,
            health: gateway.health.cached().map_or_else(empty, |(summary, _)| summary.value.clone()),
            state_version: gateway.state_version(),
            uptime_ms: gateway.uptime_ms(),
            config_path: Some(gateway.paths.config_path.to_string_lossy().into_owned()),
            state_dir: Some(gateway.paths.state_dir.to_string_lossy().into_owned()),
            session_defaults: Some(gateway.session_defaults()),
        },
        canvas_host_url: None,
        auth,
        policy: Policy::default(),
        replay: None,
    }
}

fn presence_id(session: &Session, conn_id: &str) -> Option<String> {
    // Not by its id, which is the same for its probes: those are shown, as by the published gateway.
    if session.client.mode == "cli" {
        return None;
    }
    let known = session.device_id.clone().or_else(|| session.client.instance_id.clone());
    Some(known.unwrap_or_else(|| conn_id.to_owned()))
}

fn presence_entry(session: &Session, now_ms: u64) -> PresenceEntry {
    let client = &session.client;
    let host = client.display_name.clone().unwrap_or_else(|| client.id.clone());
    PresenceEntry {
        text: format!("Node: {host} · mode {}", client.mode),
        host: Some(host),
        ip: session.remote_ip.clone(),
        version: Some(client.version.clone()),
        platform: Some(client.platform.clone()),
        device_family: client.device_family.clone(),
        model_identifier: client.model_identifier.clone(),
        mode: Some(client.mode.clone()),
        reason: Some("connect".to_owned()),
        ts: now_ms,
        device_id: session.device_id.clone(),
        roles: vec![session.role.as_str().to_owned()],
        scopes: session.scopes.clone(),
        instance_id: session.device_id.clone().or_else(|| client.instance_id.clone()),
        last_input_seconds: None,
        is_transient: session.device_id.is_none() && client.instance_id.is_none(),
    }
}
