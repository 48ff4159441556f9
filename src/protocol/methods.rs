//! The gate of the methods: role and scope, existence, parameters (`wire-protocol` C.4). Rows are in `table`.

use serde_json::{Map, Value, json};

use super::cron;
use super::error::RpcError;
use super::frame::Request;
use super::role::{Role, Scope};
use super::validate::validate;

mod table;

pub use table::Method;

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

/// Passes a request of an established connection through the gate, in the published order: role and scope,
/// then whether the method exists, then its parameters (absent is the same as `{}`).
pub fn admit(role: Role, scopes: &[String], request: Request) -> Result<(Method, Value), RpcError> {
    authorize(role, scopes, &request.method)?;
    if request.method == "connect" {
        return Err(RpcError::invalid("connect is only valid as the first request"));
    }
    let Some(method) = Method::parse(&request.method) else {
        let served: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
        return Err(RpcError::invalid(format!("unknown method: {}", request.method))
            .with_details(json!({ "allowed": served })));
    };
    let params = if request.params.is_null() { Value::Object(Map::new()) } else { request.params };
    let params = match method {
        Method::CronAdd => cron::job_in_one_form(params),
        Method::CronUpdate => cron::patch_in_one_form(params),
        _ => params,
    };
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

/// Who may call a method; what is not published at all, unknown names included, is for administrators. The spaces
/// of pairing are closed as a whole, as in the published gateway.
pub fn access(method: &str) -> Access {
    if let Some(method) = Method::parse(method) {
        return method.access();
    }
    let is_pairing =
        ["node.pair.", "device.pair.", "device.token."].iter().any(|space| method.starts_with(space));
    Access::Operator(if is_pairing { Scope::Pairing } else { Scope::Admin })
}

#[cfg(test)]
mod tests;
