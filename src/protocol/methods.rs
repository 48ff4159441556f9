//! The methods: who may call them, what they take, and which of them this gateway serves
//! (`wire-protocol` C.4, D).

use serde_json::{Map, Value, json};

use super::error::RpcError;
use super::frame::Request;
use super::role::{Role, Scope};
use super::schemas;
use super::validate::{Schema, validate};

/// A method that is served. Dispatch matches on it, so that every row has a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `health`.
    Health,
    /// `logs.tail`.
    LogsTail,
    /// `channels.status`.
    ChannelsStatus,
    /// `status`.
    Status,
    /// `config.get`.
    ConfigGet,
    /// `config.set`.
    ConfigSet,
    /// `config.apply`.
    ConfigApply,
    /// `config.patch`.
    ConfigPatch,
    /// `models.list`.
    ModelsList,
    /// `agents.list`.
    AgentsList,
    /// `sessions.list`.
    SessionsList,
    /// `sessions.preview`.
    SessionsPreview,
    /// `sessions.patch`.
    SessionsPatch,
    /// `sessions.reset`.
    SessionsReset,
    /// `sessions.delete`.
    SessionsDelete,
    /// `sessions.compact`.
    SessionsCompact,
    /// `sessions.resolve`.
    SessionsResolve,
    /// `last-heartbeat`.
    LastHeartbeat,
    /// `device.pair.list`.
    DevicePairList,
    /// `device.pair.approve`.
    DevicePairApprove,
    /// `device.pair.reject`.
    DevicePairReject,
    /// `device.token.rotate`.
    DeviceTokenRotate,
    /// `device.token.revoke`.
    DeviceTokenRevoke,
    /// `node.list`.
    NodeList,
    /// `system-presence`.
    SystemPresence,
    /// `system-event`.
    SystemEvent,
    /// `agent.identity.get`.
    AgentIdentityGet,
    /// `chat.history`.
    ChatHistory,
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nodes, and nobody else.
    Node,
    /// Operators with this scope; `read` is implied by `write`, everything by `admin`.
    Operator(Scope),
}

/// Events that this gateway can send, for `hello-ok`.
pub const EVENTS: [&str; 18] = [
    "connect.challenge",
    "agent",
    "chat",
    "presence",
    "tick",
    "talk.mode",
    "shutdown",
    "health",
    "heartbeat",
    "cron",
    "node.pair.requested",
    "node.pair.resolved",
    "node.invoke.request",
    "device.pair.requested",
    "device.pair.resolved",
    "voicewake.changed",
    "exec.approval.requested",
    "exec.approval.resolved",
];

const APPROVALS: [&str; 2] = ["exec.approval.request", "exec.approval.resolve"];
const NODE_ONLY: [&str; 3] = ["node.invoke.result", "node.event", "skills.bins"];
const READ: [&str; 23] = [
    "health",
    "logs.tail",
    "channels.status",
    "status",
    "usage.status",
    "usage.cost",
    "tts.status",
    "tts.providers",
    "models.list",
    "agents.list",
    "agent.identity.get",
    "skills.status",
    "voicewake.get",
    "sessions.list",
    "sessions.preview",
    "cron.list",
    "cron.status",
    "cron.runs",
    "system-presence",
    "last-heartbeat",
    "node.list",
    "node.describe",
    "chat.history",
];
const WRITE: [&str; 13] = [
    "send",
    "agent",
    "agent.wait",
    "wake",
    "talk.mode",
    "tts.enable",
    "tts.disable",
    "tts.convert",
    "tts.setProvider",
    "voicewake.set",
    "node.invoke",
    "chat.send",
    "chat.abort",
];

/// Passes a request of an established connection through the gate, in the published order: role and scope,
/// then whether the method exists, then its parameters (absent is the same as `{}`).
pub fn admit(role: Role, scopes: &[String], request: Request) -> Result<(Method, Value), RpcError> {
    authorize(role, scopes, &request.method)?;
    if request.method == "connect" {
        return Err(RpcError::invalid("connect is only valid as the first request"));
    }
    let Some(method) = Method::parse(&request.method) else {
        let served = Method::ALL.map(Method::name);
        return Err(RpcError::invalid(format!("unknown method: {}", request.method))
            .with_details(json!({ "allowed": served })));
    };
    let params = if request.params.is_null() { Value::Object(Map::new()) } else { request.params };
    match validate(method.params(), &params) {
        Ok(()) => Ok((method, params)),
        Err(violations) => Err(violations.into_error(&format!("{} params", method.name()))),
    }
}

/// Whether a connection may call a method, known or not. The details name what would have been needed.
pub fn authorize(role: Role, scopes: &[String], method: &str) -> Result<(), RpcError> {
    let wrong_role = |needed: Role| {
        RpcError::invalid(format!("unauthorized role: {}", role.as_str()))
            .with_details(json!({ "required": { "role": needed.as_str() } }))
    };
    match (access(method), role) {
        (Access::Node, Role::Node) => Ok(()),
        (Access::Node, Role::Operator) => Err(wrong_role(Role::Node)),
        (Access::Operator(_), Role::Node) => Err(wrong_role(Role::Operator)),
        (Access::Operator(needed), Role::Operator) => {
            let sufficient: &[Scope] = match needed {
                Scope::Read => &[Scope::Read, Scope::Write, Scope::Admin],
                Scope::Admin => &[Scope::Admin],
                Scope::Write | Scope::Approvals | Scope::Pairing => &[needed, Scope::Admin],
            };
            if sufficient.iter().any(|scope| scope.is_in(scopes)) {
                return Ok(());
            }
            let names: Vec<&str> = sufficient.iter().map(|scope| scope.as_str()).collect();
            Err(RpcError::invalid(format!("missing scope: {}", needed.as_str()))
                .with_details(json!({ "required": { "anyScope": names } })))
        }
    }
}

/// Who may call a method; what is not listed, unknown names included, is for administrators.
pub fn access(method: &str) -> Access {
    if NODE_ONLY.contains(&method) {
        Access::Node
    } else if APPROVALS.contains(&method) {
        Access::Operator(Scope::Approvals)
    } else if ["node.pair.", "device.pair.", "device.token."].iter().any(|space| method.starts_with(space))
        || method == "node.rename"
    {
        Access::Operator(Scope::Pairing)
    } else if READ.contains(&method) {
        Access::Operator(Scope::Read)
    } else if WRITE.contains(&method) {
        Access::Operator(Scope::Write)
    } else {
        Access::Operator(Scope::Admin)
    }
}

impl Method {
    /// Every method served, in the order of `hello-ok`.
    pub const ALL: [Self; 28] = [
        Self::Health,
        Self::LogsTail,
        Self::ChannelsStatus,
        Self::Status,
        Self::ConfigGet,
        Self::ConfigSet,
        Self::ConfigApply,
        Self::ConfigPatch,
        Self::ModelsList,
        Self::AgentsList,
        Self::SessionsList,
        Self::SessionsPreview,
        Self::SessionsPatch,
        Self::SessionsReset,
        Self::SessionsDelete,
        Self::SessionsCompact,
        Self::SessionsResolve,
        Self::LastHeartbeat,
        Self::DevicePairList,
        Self::DevicePairApprove,
        Self::DevicePairReject,
        Self::DeviceTokenRotate,
        Self::DeviceTokenRevoke,
        Self::NodeList,
        Self::SystemPresence,
        Self::SystemEvent,
        Self::AgentIdentityGet,
        Self::ChatHistory,
    ];

    /// The methods that `hello-ok` lists: the published gateway serves `sessions.resolve` without saying so.
    pub fn advertised() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|&method| method != Self::SessionsResolve)
    }

    /// The method of this name, when it is served.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::LogsTail => "logs.tail",
            Self::ChannelsStatus => "channels.status",
            Self::Status => "status",
            Self::ConfigGet => "config.get",
            Self::ConfigSet => "config.set",
            Self::ConfigApply => "config.apply",
            Self::ConfigPatch => "config.patch",
            Self::ModelsList => "models.list",
            Self::AgentsList => "agents.list",
            Self::SessionsList => "sessions.list",
            Self::SessionsPreview => "sessions.preview",
            Self::SessionsPatch => "sessions.patch",
            Self::SessionsReset => "sessions.reset",
            Self::SessionsDelete => "sessions.delete",
            Self::SessionsCompact => "sessions.compact",
            Self::SessionsResolve => "sessions.resolve",
            Self::LastHeartbeat => "last-heartbeat",
            Self::DevicePairList => "device.pair.list",
            Self::DevicePairApprove => "device.pair.approve",
            Self::DevicePairReject => "device.pair.reject",
            Self::DeviceTokenRotate => "device.token.rotate",
            Self::DeviceTokenRevoke => "device.token.revoke",
            Self::NodeList => "node.list",
            Self::SystemPresence => "system-presence",
            Self::SystemEvent => "system-event",
            Self::AgentIdentityGet => "agent.identity.get",
            Self::ChatHistory => "chat.history",
        }
    }

    /// The shape of its parameters; some methods take anything, as the published gateway does.
    pub fn params(self) -> &'static Schema {
        match self {
            Self::Health | Self::Status | Self::LastHeartbeat | Self::SystemPresence | Self::SystemEvent => {
                &Schema::Any
            }
            Self::ConfigSet => &schemas::CONFIG_SET,
            Self::ConfigApply | Self::ConfigPatch => &schemas::CONFIG_APPLY,
            Self::DevicePairApprove | Self::DevicePairReject => &schemas::DEVICE_PAIR_DECISION,
            Self::DeviceTokenRotate => &schemas::DEVICE_TOKEN_ROTATE,
            Self::DeviceTokenRevoke => &schemas::DEVICE_TOKEN_REVOKE,
            Self::LogsTail => &schemas::LOGS_TAIL,
            Self::ChannelsStatus => &schemas::CHANNELS_STATUS,
            Self::SessionsList => &schemas::SESSIONS_LIST,
            Self::SessionsPreview => &schemas::SESSIONS_PREVIEW,
            Self::SessionsPatch => &schemas::SESSIONS_PATCH,
            Self::SessionsReset => &schemas::SESSIONS_RESET,
            Self::SessionsDelete => &schemas::SESSIONS_DELETE,
            Self::SessionsCompact => &schemas::SESSIONS_COMPACT,
            Self::SessionsResolve => &schemas::SESSIONS_RESOLVE,
            Self::AgentIdentityGet => &schemas::AGENT_IDENTITY_GET,
            Self::ChatHistory => &schemas::CHAT_HISTORY,
            Self::ConfigGet | Self::ModelsList | Self::AgentsList | Self::DevicePairList | Self::NodeList => {
                &Schema::EMPTY
            }
        }
    }
}

#[cfg(test)]
mod tests;
