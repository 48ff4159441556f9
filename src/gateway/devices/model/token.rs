//! Device tokens: issued, reused, verified, rotated, revoked (`wire-protocol` C.10).

use super::book::DeviceBook;
use super::record::DeviceToken;
use crate::auth::shared_secret;

/// Why a device token was not accepted. Never sent to the client, which gets one text for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// The device is not paired.
    #[error("device not paired")]
    NotPaired,
    /// It has no token for this role.
    #[error("no token for this role")]
    NoToken,
    /// The token was revoked.
    #[error("token revoked")]
    Revoked,
    /// Another text.
    #[error("token mismatch")]
    Mismatch,
    /// More scopes are asked for than the token covers.
    #[error("scopes exceed the token")]
    Scopes,
}

impl DeviceBook {
    /// The device's token for `role`: the one it has when that covers `scopes`, else a new one from
    /// `fresh_token`. `None` when the device is not paired.
    pub fn ensure_token(
        &mut self,
        device_id: &str,
        role: &str,
        scopes: &[String],
        now_ms: u64,
        fresh_token: &str,
    ) -> Option<DeviceToken> {
        let device = self.paired.get(device_id)?;
        match device.tokens.get(role) {
            Some(token) if token.revoked_at_ms.is_none() && covers(&token.scopes, scopes) => {
                Some(token.clone())
            }
            _ => self.issue(device_id, role, scopes, now_ms, fresh_token),
        }
    }

    /// Checks a token for (device, role, scopes) in constant time and notes its use.
    pub fn verify_token(
        &mut self,
        device_id: &str,
        role: &str,
        scopes: &[String],
        token: &str,
        now_ms: u64,
    ) -> Result<(), TokenRefusal> {
        let device = self.paired.get_mut(device_id).ok_or(TokenRefusal::NotPaired)?;
        let known = device.tokens.get_mut(role).ok_or(TokenRefusal::NoToken)?;
        if known.revoked_at_ms.is_some() {
            return Err(TokenRefusal::Revoked);
        }
        if !shared_secret::equal(&known.token, token) {
            return Err(TokenRefusal::Mismatch);
        }
        if !covers(&known.scopes, scopes) {
            return Err(TokenRefusal::Scopes);
        }
        known.last_used_at_ms = Some(now_ms);
        self.changes.paired = true;
        Ok(())
    }

    /// Replaces the token of a role that the device has; `scopes`, when given, replace the device's scopes too.
    pub fn rotate_token(
        &mut self,
        device_id: &str,
        role: &str,
        scopes: Option<&[String]>,
        now_ms: u64,
        fresh_token: &str,
    ) -> Option<DeviceToken> {
        let kept = self.scopes_of_token(device_id, role)?;
        let device = self.paired.get_mut(device_id)?;
        if let Some(scopes) = scopes {
            device.scopes = scopes.to_vec();
        }
        self.issue(device_id, role, scopes.unwrap_or(&kept), now_ms, fresh_token)
    }

    /// The scopes that a token of this role has, or would have. `None` when the device may not take the role.
    pub fn scopes_of_token(&self, device_id: &str, role: &str) -> Option<Vec<String>> {
        let device = self.paired.get(device_id).filter(|device| device.has_role(role))?;
        Some(device.tokens.get(role).map_or_else(|| device.scopes.clone(), |token| token.scopes.clone()))
    }

    /// Revokes the token of a role; returns when it was revoked.
    pub fn revoke_token(&mut self, device_id: &str, role: &str, now_ms: u64) -> Option<u64> {
        let token = self.paired.get_mut(device_id)?.tokens.get_mut(role)?;
        self.changes.paired = true;
        Some(*token.revoked_at_ms.get_or_insert(now_ms))
    }

    fn issue(
        &mut self,
        device_id: &str,
        role: &str,
        scopes: &[String],
        now_ms: u64,
        fresh_token: &str,
    ) -> Option<DeviceToken> {
        let device = self.paired.get_mut(device_id)?;
        let mut token = DeviceToken::new(fresh_token.to_owned(), role, scopes, now_ms);
        if let Some(old) = device.tokens.get(role) {
            token.created_at_ms = old.created_at_ms;
            token.last_used_at_ms = old.last_used_at_ms;
            token.rotated_at_ms = Some(now_ms);
        }
        device.tokens.insert(role.to_owned(), token.clone());
        self.changes.paired = true;
        Some(token)
    }
}

/// Whether every one of `asked` is among `granted`.
pub(super) fn covers(granted: &[String], asked: &[String]) -> bool {
    asked.iter().all(|scope| granted.contains(scope))
}
