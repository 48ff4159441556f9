//! Pairing of a proved device, and its token (`wire-protocol` C.8, C.10).

use serde_json::json;

use super::decide::{DeviceEvent, Facts, Rejection, Stage};
use crate::auth::device::DeviceKey;
use crate::gateway::devices::model::Asked;
use crate::gateway::devices::{DeviceBook, DeviceMetadata};
use crate::protocol::connect::ClientInfo;
use crate::protocol::error::RpcError;
use crate::protocol::hello::HelloAuth;
use crate::protocol::role::Role;

/// What pairing has to add to the answer.
#[derive(Debug, Default)]
pub(super) struct Paired {
    /// The device token.
    pub(super) auth: Option<HelloAuth>,
    /// What to broadcast.
    pub(super) events: Vec<DeviceEvent>,
}

/// Makes sure that the device is paired for this role and these scopes, and has a token.
pub(super) fn ensure(
    device_id: &str,
    key: &DeviceKey,
    client: &ClientInfo,
    role: Role,
    scopes: &[String],
    facts: &Facts<'_>,
    book: &mut DeviceBook,
) -> Result<Paired, Box<Rejection>> {
    let mut paired = Paired::default();
    let asked = Asked {
        device_id,
        public_key: &key.to_base64url(),
        metadata: &DeviceMetadata {
            display_name: client.display_name.clone(),
            platform: Some(client.platform.clone()),
            client_id: Some(client.id.clone()),
            client_mode: Some(client.mode.clone()),
            remote_ip: facts.peer.known_ip(),
        },
        role: role.as_str(),
        scopes,
        silent: facts.peer.is_local,
    };
    if is_sufficient(key, &asked, book) {
        book.refresh(device_id, asked.metadata, asked.role);
    } else {
        request(&asked, facts, book, &mut paired)?;
    }
    let token = book.ensure_token(device_id, asked.role, scopes, facts.now_ms, facts.fresh_token);
    paired.auth = token.map(|token| HelloAuth {
        device_token: token.expose().to_owned(),
        role,
        issued_at_ms: Some(token.issued_at_ms()),
        scopes: token.scopes,
    });
    Ok(paired)
}

/// Whether the device is paired with this key.
pub(super) fn is_known(device_id: &str, key: &DeviceKey, book: &DeviceBook) -> bool {
    book.get(device_id)
        .is_some_and(|device| DeviceKey::parse(&device.public_key).is_ok_and(|stored| stored == *key))
}

/// Whether the device is paired with this key and has the role and the scopes already.
fn is_sufficient(key: &DeviceKey, asked: &Asked<'_>, book: &DeviceBook) -> bool {
    is_known(asked.device_id, key, book)
        && book.get(asked.device_id).is_some_and(|device| {
            device.has_role(asked.role) && asked.scopes.iter().all(|scope| device.scopes.contains(scope))
        })
}

/// Asks for what is missing. A local client is approved at once, unless its device waits for a person already.
fn request(
    asked: &Asked<'_>,
    facts: &Facts<'_>,
    book: &mut DeviceBook,
    paired: &mut Paired,
) -> Result<(), Box<Rejection>> {
    let (request, created) = book.ensure_pending(asked, facts.now_ms, facts.fresh_request_id);
    if request.silent
        && asked.silent
        && let Some(approved) = book.approve(&request.request_id, facts.now_ms)
    {
        paired.events.push(DeviceEvent::Resolved(json!({
            "requestId": approved.request_id,
            "deviceId": approved.device_id,
            "decision": "approved",
            "ts": facts.now_ms,
        })));
        return Ok(());
    }
    let params = json!({ "requestId": request.request_id });
    let command = format!("{} gateway call device.pair.approve --params '{params}'", facts.command);
    let error = RpcError::not_paired("pairing required").with_details(json!({
        "requestId": request.request_id,
        "hint": format!("on the gateway's machine run: {command}"),
    }));
    let mut rejection = Rejection::new(Stage::Pairing, error);
    if created {
        rejection.events.push(DeviceEvent::Requested(request.to_json()));
    }
    Err(rejection)
}
