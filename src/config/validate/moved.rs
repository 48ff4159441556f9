//! Keys that are often written at the wrong place, and keys of earlier versions.

use serde_json::Value;

use super::super::edit::{ConfigPath, lookup};

/// Where a key belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    /// The right place.
    pub(super) to: &'static str,
    /// What the published program says about a key of an earlier version, which it names by its own path.
    pub(super) legacy: Option<&'static str>,
}

/// The channels that were sections of their own in earlier versions.
const CHANNELS: &[(&str, &str, &str)] = &[
    ("whatsapp", "channels.whatsapp", "whatsapp config moved to channels.whatsapp"),
    ("telegram", "channels.telegram", "telegram config moved to channels.telegram"),
    ("discord", "channels.discord", "discord config moved to channels.discord"),
    ("slack", "channels.slack", "slack config moved to channels.slack"),
    ("signal", "channels.signal", "signal config moved to channels.signal"),
    ("imessage", "channels.imessage", "imessage config moved to channels.imessage"),
    ("msteams", "channels.msteams", "msteams config moved to channels.msteams"),
];

/// Parent path, key, right place.
const MISPLACED: &[(&str, &str, &str)] = &[
    ("", "port", "gateway.port"),
    ("", "bind", "gateway.bind"),
    ("", "mode", "gateway.mode"),
    ("", "token", "gateway.auth.token"),
    ("", "password", "gateway.auth.password"),
    ("", "tailscale", "gateway.tailscale"),
    ("", "tls", "gateway.tls"),
    ("", "remote", "gateway.remote"),
    ("", "reload", "gateway.reload"),
    ("", "controlUi", "gateway.controlUi"),
    ("", "trustedProxies", "gateway.trustedProxies"),
    ("", "workspace", "agents.defaults.workspace"),
    ("", "model", "agents.defaults.model.primary"),
    ("", "heartbeat", "agents.defaults.heartbeat"),
    ("", "defaults", "agents.defaults"),
    ("", "providers", "models.providers"),
    ("", "level", "logging.level"),
    ("", "log", "logging"),
    ("", "sessions", "session"),
    ("", "allowFrom", "channels.<channel>.allowFrom"),
    ("auth", "token", "gateway.auth.token"),
    ("auth", "password", "gateway.auth.password"),
    ("auth", "mode", "gateway.auth.mode"),
    ("gateway", "password", "gateway.auth.password"),
    ("gateway", "allowTailscale", "gateway.auth.allowTailscale"),
    ("gateway", "host", "gateway.bind"),
    ("gateway", "url", "gateway.remote.url"),
    ("gateway", "basePath", "gateway.controlUi.basePath"),
    ("gateway", "allowInsecureAuth", "gateway.controlUi.allowInsecureAuth"),
    ("gateway", "allowedOrigins", "gateway.controlUi.allowedOrigins"),
    ("gateway", "debounceMs", "gateway.reload.debounceMs"),
    ("gateway", "allowCommands", "gateway.nodes.allowCommands"),
    ("gateway", "denyCommands", "gateway.nodes.denyCommands"),
    ("agents", "workspace", "agents.defaults.workspace"),
    ("agents", "model", "agents.defaults.model"),
    ("agents", "heartbeat", "agents.defaults.heartbeat"),
    ("agents", "skipBootstrap", "agents.defaults.skipBootstrap"),
    ("agents", "agents", "agents.list"),
    ("agents.defaults", "identity", "agents.list[].identity"),
    ("agents.defaults", "tools", "tools"),
];

/// Parent path, key, right place, the published text.
const LEGACY: &[(&str, &str, &str, &str)] = &[
    (
        "",
        "agent",
        "agents.defaults",
        "agent.* was moved; use agents.defaults (and tools.* for tool/elevated/exec settings) instead",
    ),
    ("", "identity", "agents.list[].identity", "identity was moved; use agents.list[].identity instead"),
    ("", "routing", "bindings", "routing was moved; use bindings, channels, and agents instead"),
    ("gateway", "token", "gateway.auth.token", "gateway.token is ignored; use gateway.auth.token instead"),
    (
        "messages.tts",
        "enabled",
        "messages.tts.auto",
        "messages.tts.enabled was replaced by messages.tts.auto",
    ),
];

/// Where an unknown key belongs, if that is known.
pub(super) fn find(parent: &str, key: &str) -> Option<Moved> {
    let legacy = LEGACY.iter().find(|row| row.0 == parent && row.1 == key).map(|row| (row.2, row.3));
    let channel = || CHANNELS.iter().find(|row| parent.is_empty() && row.0 == key).map(|row| (row.1, row.2));
    if let Some((to, text)) = legacy.or_else(channel) {
        return Some(Moved { to, legacy: Some(text) });
    }
    let misplaced = MISPLACED.iter().find(|row| row.0 == parent && row.1 == key)?;
    Some(Moved { to: misplaced.2, legacy: None })
}

/// The keys of a document that stand in a wrong place, and where each belongs. One that belongs to several places is
/// left out.
pub(crate) fn misplaced_keys(document: &Value) -> Vec<(ConfigPath, ConfigPath)> {
    let legacy = LEGACY.iter().map(|row| (row.0, row.1, row.2));
    let channels = CHANNELS.iter().map(|row| ("", row.0, row.1));
    let all = legacy.chain(channels).chain(MISPLACED.iter().copied());
    let there = all.filter(|(_, _, to)| !to.contains(['[', '<'])).filter_map(|(parent, key, to)| {
        let from = if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") };
        let from = ConfigPath::parse(&from).ok()?;
        lookup(document, &from)?;
        Some((from, ConfigPath::parse(to).ok()?))
    });
    there.collect()
}

#[cfg(test)]
mod tests {
    use super::super::kind::{Kind, Object};
    use super::super::tables::ROOT;
    use super::*;

    fn resolve(path: &str) -> bool {
        let mut object: &Object = &ROOT;
        for segment in path.split('.') {
            if segment.starts_with('<') {
                return true;
            }
            let name = segment.trim_end_matches("[]");
            let Some(key) = object.find(name) else { return false };
            let kind = if let Kind::List(item) = &key.kind { item } else { &key.kind };
            match kind {
                Kind::Object(next) => object = next,
                Kind::Either(kinds) => {
                    if let Some(Kind::Object(next)) = kinds.iter().find(|k| matches!(k, Kind::Object(_))) {
                        object = next;
                    }
                }
                Kind::Map(_) => return true,
                _ => {}
            }
        }
        true
    }

    #[test]
    fn wrong_places_are_found() {
        let document =
            serde_json::json!({ "gateway": { "token": "t" }, "port": 1, "allowFrom": [], "ui": {} });
        let found: Vec<_> =
            misplaced_keys(&document).into_iter().map(|(from, to)| format!("{from} {to}")).collect();
        assert_eq!(found, ["gateway.token gateway.auth.token", "port gateway.port"]);
    }

    #[test]
    fn every_right_place_exists_and_every_wrong_one_does_not() {
        let misplaced = MISPLACED.iter().map(|row| (row.0, row.1, row.2));
        let legacy = LEGACY.iter().map(|row| (row.0, row.1, row.2));
        let channels = CHANNELS.iter().map(|row| ("", row.0, row.1));
        for (parent, key, to) in misplaced.chain(legacy).chain(channels) {
            assert!(resolve(to), "{to}");
            let wrong = if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") };
            assert!(!resolve(&wrong), "{wrong}");
        }
    }
}
