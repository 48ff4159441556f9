//! The configuration, and the files with secrets.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::config::{self, Config, Document, Outcome, is_secret_key};
use crate::doctor::facts::{ConfigFacts, SecretFile};
use crate::doctor::moves;
use crate::platform::permissions;
use crate::profile::{EnvMap, ProfilePaths, ResolvedProfile, vars};
use crate::settings::{GatewaySettings, RunFlags, guard, resolve};

/// Credentials that are looked at, at most.
const MOST_CREDENTIALS: usize = 100;

pub(super) fn read(profile: &ResolvedProfile) -> ConfigFacts {
    let paths = &profile.paths;
    let (env, dotenv) = match config::environment(&paths.dotenv, &profile.env) {
        Ok(env) => (env, None),
        Err(fault) => (profile.env.clone(), Some(fault.to_string())),
    };
    let document = Document::load(&paths.config_path, &env);
    let has_secret = has_secret(&document.written);
    let facts = of(document, &env, paths);
    let secrets = secret_files(has_secret, &facts, paths);
    let control_ui = facts.settings.as_ref().map(|settings| &settings.control_ui).filter(|ui| ui.enabled);
    let root = control_ui.and_then(|ui| ui.root.clone());
    let empty_control_ui = root.filter(|root| !root.join("index.html").is_file());
    ConfigFacts { dotenv, secrets, empty_control_ui, ..facts }
}

/// What a document says. Pure.
pub(in crate::doctor) fn of(document: Document, env: &EnvMap, paths: &ProfilePaths) -> ConfigFacts {
    let (config, settings, refusal) = usable(&document, env, paths);
    let moves = moves::find(&document.written);
    let moves_fit = !moves.is_empty()
        && moves::perform(&document, &moves, env).is_ok_and(|text| {
            Document::of_text(&paths.config_path, text, env).snapshot.outcome == Outcome::Valid
        });
    let token = config.gateway.auth.token.as_ref().map(|token| token.expose().trim().to_owned());
    let named = env.get(vars::GATEWAY_TOKEN);
    let other_token = named.zip(token.as_deref()).is_some_and(|(named, written)| named != written);
    ConfigFacts {
        snapshot: document.snapshot,
        dotenv: None,
        config,
        settings,
        refusal,
        moves,
        moves_fit,
        secrets: Vec::new(),
        other_token,
        empty_control_ui: None,
    }
}

/// What a gateway would run with, and why none would. Nothing is said of a document that cannot be used.
fn usable(
    document: &Document,
    env: &EnvMap,
    paths: &ProfilePaths,
) -> (Config, Option<GatewaySettings>, Option<String>) {
    if document.snapshot.outcome != Outcome::Valid {
        return (Config::default(), None, None);
    }
    let config = Config::from_resolved(&document.snapshot.resolved);
    match resolve(&RunFlags::default(), env, paths, &config) {
        Err(refusal) => (config, None, Some(refusal.message)),
        Ok(settings) => {
            let refusal = guard(&settings, true, &config, &document.snapshot, paths).err();
            (config, Some(settings), refusal.map(|refusal| refusal.message))
        }
    }
}

/// The files in which secrets are, and what others may do with them.
fn secret_files(has_secret: bool, facts: &ConfigFacts, paths: &ProfilePaths) -> Vec<SecretFile> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    if has_secret {
        let mut backup = paths.config_path.clone().into_os_string();
        backup.push(".bak");
        candidates.extend(facts.snapshot.files.iter().cloned().chain([backup.into()]));
    }
    let fixed = [
        ".env",
        "identity/device.json",
        "identity/device-auth.json",
        "devices/paired.json",
        "nodes/paired.json",
        "exec-approvals.json",
    ];
    candidates.extend(fixed.map(|name| paths.state_dir.join(name)));
    let credentials = std::fs::read_dir(paths.state_dir.join("credentials")).into_iter().flatten().flatten();
    candidates.extend(credentials.take(MOST_CREDENTIALS).map(|entry| entry.path()));
    let mut found: Vec<SecretFile> = candidates.iter().filter_map(|path| look(path, false)).collect();
    let tls = facts.settings.as_ref().and_then(|settings| settings.tls.as_ref());
    found.extend(tls.and_then(|tls| look(&tls.key_path, true)));
    found
}

/// Whether a secret is written there, and not just the name of a variable.
fn has_secret(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| match value {
            Value::String(text) => is_secret_key(key) && !text.is_empty() && !text.contains("${"),
            value => has_secret(value),
        }),
        Value::Array(items) => items.iter().any(has_secret),
        _ => false,
    }
}

fn look(path: &Path, is_key: bool) -> Option<SecretFile> {
    let path = path.canonicalize().ok()?;
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let mode = permissions::mode(&metadata)?;
    let passes = |directory: &Path| {
        let mode = directory.metadata().ok().and_then(|metadata| permissions::mode(&metadata));
        mode.is_none_or(|mode| mode & 0o011 != 0)
    };
    let reachable = path.ancestors().skip(1).all(passes);
    Some(SecretFile { path, mode, reachable, is_key })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_variables_are_no_secrets() {
        assert!(has_secret(&json!({ "gateway": { "auth": { "token": "t" } } })));
        assert!(has_secret(&json!({ "list": [{ "apiKey": "k" }] })));
        assert!(!has_secret(&json!({ "gateway": { "auth": { "token": "${TOKEN}", "mode": "token" } } })));
        assert!(!has_secret(&json!({ "maxTokens": 5 })));
    }
}
