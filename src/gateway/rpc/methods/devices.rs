//! `device.pair.*` and `device.token.*` (`wire-protocol` D.7). Connections that are open stay open.

use serde::Deserialize;
use serde_json::{Value, json};

use super::params::parse;
use crate::gateway::connection::handshake::Session;
use crate::gateway::context::Gateway;
use crate::gateway::devices::{DeviceBook, Urgency};
use crate::gateway::events::{EventFrame, EventName};
use crate::protocol::error::RpcError;
use crate::protocol::role::Scope;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    request_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenOf {
    device_id: String,
    role: String,
    #[serde(default)]
    scopes: Option<Vec<String>>,
}

/// `device.pair.list`: requests newest first, tokens redacted.
pub(crate) fn list(gateway: &Gateway) -> Value {
    let now_ms = gateway.now_ms();
    gateway.devices.with(|book| book.list(now_ms), |_| Urgency::Routine)
}

/// `device.pair.approve`: the device may connect from now on. Nobody but an administrator grants more than they
/// have.
pub(crate) fn approve(gateway: &Gateway, session: &Session, params: Value) -> Result<Value, RpcError> {
    let Decision { request_id } = parse("device.pair.approve", params)?;
    let now_ms = gateway.now_ms();
    let approved = gateway.devices.with(
        |book| {
            let request = book.request(&request_id).ok_or_else(unknown_request)?;
            require_grant(session, &request.scopes)?;
            let resolution = book.approve(&request_id, now_ms).ok_or_else(unknown_request)?;
            let device = book.get(&resolution.device_id).ok_or_else(unknown_request)?.redacted();
            Ok((resolution.device_id, device))
        },
        |_| Urgency::Urgent,
    );
    let (device_id, device) = approved?;
    tell(gateway, &request_id, &device_id, "approved", now_ms);
    Ok(json!({ "requestId": request_id, "device": device }))
}

/// `device.pair.reject`: the request is gone; the device may ask again.
pub(crate) fn reject(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let Decision { request_id } = parse("device.pair.reject", params)?;
    let now_ms = gateway.now_ms();
    let rejected = change(gateway, |book| book.reject(&request_id, now_ms));
    let device_id = rejected.ok_or_else(unknown_request)?.device_id;
    tell(gateway, &request_id, &device_id, "rejected", now_ms);
    Ok(json!({ "requestId": request_id, "deviceId": device_id }))
}

/// `device.token.rotate`: a new token in the place of the old one. Who is no administrator can do that for the
/// own device, with scopes that this connection has: the answer is a credential.
pub(crate) fn rotate(gateway: &Gateway, session: &Session, params: Value) -> Result<Value, RpcError> {
    let TokenOf { device_id, role, scopes } = parse("device.token.rotate", params)?;
    if !is_admin(session) && session.device_id.as_deref() != Some(&device_id) {
        return Err(missing_admin());
    }
    let fresh = uuid::Uuid::new_v4().simple().to_string();
    let now_ms = gateway.now_ms();
    let rotated = gateway.devices.with(
        |book| {
            let granted = scopes.clone().or_else(|| book.scopes_of_token(&device_id, &role));
            require_grant(session, &granted.ok_or_else(unknown_token)?)?;
            let rotated = book.rotate_token(&device_id, &role, scopes.as_deref(), now_ms, &fresh);
            rotated.ok_or_else(unknown_token)
        },
        |_| Urgency::Urgent,
    );
    let token = rotated?;
    Ok(json!({
        "deviceId": device_id,
        "role": role,
        "token": token.expose(),
        "scopes": token.scopes,
        "rotatedAtMs": token.issued_at_ms(),
    }))
}

/// `device.token.revoke`: the token is refused from now on.
pub(crate) fn revoke(gateway: &Gateway, params: Value) -> Result<Value, RpcError> {
    let TokenOf { device_id, role, .. } = parse("device.token.revoke", params)?;
    let now_ms = gateway.now_ms();
    let revoked = change(gateway, |book| book.revoke_token(&device_id, &role, now_ms));
    let revoked_at_ms = revoked.ok_or_else(unknown_token)?;
    Ok(json!({ "deviceId": device_id, "role": role, "revokedAtMs": revoked_at_ms }))
}

fn change<T>(gateway: &Gateway, work: impl FnOnce(&mut DeviceBook) -> Option<T>) -> Option<T> {
    gateway.devices.with(work, |_| Urgency::Urgent)
}

fn tell(gateway: &Gateway, request_id: &str, device_id: &str, decision: &str, ts: u64) {
    let payload = json!({ "requestId": request_id, "deviceId": device_id, "decision": decision, "ts": ts });
    gateway.clients.broadcast(&EventFrame::new(EventName::DevicePairResolved, &payload, None));
}

/// Whether the caller may hand these scopes out.
fn require_grant(session: &Session, scopes: &[String]) -> Result<(), RpcError> {
    let has_all = scopes.iter().all(|scope| session.scopes.contains(scope));
    if is_admin(session) || has_all { Ok(()) } else { Err(missing_admin()) }
}

fn is_admin(session: &Session) -> bool {
    Scope::Admin.is_in(&session.scopes)
}

fn missing_admin() -> RpcError {
    RpcError::invalid(format!("missing scope: {}", Scope::Admin.as_str()))
}

fn unknown_request() -> RpcError {
    RpcError::invalid("unknown requestId")
}

fn unknown_token() -> RpcError {
    RpcError::invalid("unknown deviceId/role")
}
