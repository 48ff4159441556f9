//! Device tokens that gateways have issued: `<STATE>/identity/device-auth.json`, in the published CLI's format.
//!
//! A token is a convenience: when the file cannot be read it counts as empty, and when it cannot be written the
//! next connection pairs again.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::platform::{atomic, clock};
use crate::protocol::hello::HelloAuth;
use crate::protocol::role::Role;

/// The stored tokens of one device.
#[derive(Debug, Clone)]
pub struct TokenStore {
    path: PathBuf,
    device_id: String,
}

impl TokenStore {
    /// The tokens of a device in this state directory.
    pub fn new(state_dir: &Path, device_id: &str) -> Self {
        Self { path: state_dir.join("identity").join("device-auth.json"), device_id: device_id.to_owned() }
    }

    /// The token for a role.
    pub fn get(&self, role: Role) -> Option<String> {
        let token = self.read()?.get("tokens")?.get(role.as_str())?.get("token")?.as_str()?.to_owned();
        Some(token).filter(|token| !token.is_empty())
    }

    /// Stores what a gateway has issued, unless it is stored already.
    pub fn put(&self, issued: &HelloAuth) -> io::Result<()> {
        if self.get(issued.role).as_deref() == Some(&issued.device_token) {
            return Ok(());
        }
        let mut scopes = issued.scopes.clone();
        scopes.sort();
        let entry = json!({
            "token": issued.device_token,
            "role": issued.role,
            "scopes": scopes,
            "updatedAtMs": clock::unix_ms(),
        });
        self.change(|tokens| {
            tokens.insert(issued.role.as_str().to_owned(), entry);
        })
    }

    /// Forgets a token that was refused, unless another process has replaced it meanwhile.
    pub fn forget(&self, role: Role, refused: &str) -> io::Result<()> {
        if self.get(role).as_deref() != Some(refused) {
            return Ok(());
        }
        self.change(|tokens| {
            tokens.shift_remove(role.as_str());
        })
    }

    /// The file's content, when it is about this device.
    fn read(&self) -> Option<Map<String, Value>> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let Value::Object(file) = serde_json::from_str(&text).ok()? else { return None };
        (file.get("deviceId")?.as_str()? == self.device_id).then_some(file)
    }

    fn change(&self, change: impl FnOnce(&mut Map<String, Value>)) -> io::Result<()> {
        let mut file = self.read().unwrap_or_default();
        file.insert("version".to_owned(), json!(1));
        file.insert("deviceId".to_owned(), json!(self.device_id));
        let mut tokens = match file.remove("tokens") {
            Some(Value::Object(tokens)) => tokens,
            _ => Map::new(),
        };
        change(&mut tokens);
        file.insert("tokens".to_owned(), Value::Object(tokens));
        if let Some(directory) = self.path.parent() {
            atomic::private_directory(directory)?;
        }
        atomic::replace(&self.path, (serde_json::to_string_pretty(&file)? + "\n").as_bytes())
    }
}

#[cfg(test)]
mod tests;
