//! Session keys as clients spell them → the one spelling that this gateway uses (`wire-protocol` D.4). Pure.

use crate::gateway::agents::{AgentKey, MAIN, Roster, normalize_id};

/// A session, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionKey {
    /// The agent whose store has it.
    pub(crate) agent: String,
    /// `agent:ID:REST`, `global`, or `unknown`.
    pub(crate) canonical: String,
}

// === impl SessionKey ===

impl SessionKey {
    /// Reads a key: aliases of the main session, bare keys, and keys with an agent. `None` when it is blank.
    pub(crate) fn of(roster: &Roster, given: &str) -> Option<Self> {
        let given = given.trim();
        if given.is_empty() {
            return None;
        }
        let default = roster.default_id();
        let (agent, rest) = match AgentKey::parse(given) {
            Some(key) => (normalize_id(key.agent), key.rest),
            None => (default.to_owned(), given),
        };
        let canonical = match rest {
            "global" | "unknown" if rest == given => rest.to_owned(),
            MAIN if agent == default => roster.main_session_key(),
            rest => format!("agent:{agent}:{rest}"),
        };
        Some(Self { agent, canonical })
    }

    /// Whether it is the session that `main` stands for.
    pub(crate) fn is_main(&self, roster: &Roster) -> bool {
        self.canonical == roster.main_session_key()
    }

    /// Whether it is the session of a subagent.
    pub(crate) fn is_subagent(&self) -> bool {
        AgentKey::parse(&self.canonical).is_some_and(|key| key.rest.starts_with("subagent:"))
    }
}

/// The canonical spelling of a key of a store; keys that name no agent are of the agent whose store it is.
pub(super) fn in_store(key: &str, agent: &str) -> String {
    match AgentKey::parse(key) {
        _ if matches!(key, "global" | "unknown") => key.to_owned(),
        Some(parsed) => format!("agent:{}:{}", normalize_id(parsed.agent), parsed.rest),
        None => format!("agent:{agent}:{key}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::schema::Config;

    #[track_caller]
    fn check(session: &Value, given: &str, agent: &str, canonical: &str) {
        let config =
            json!({ "session": session, "agents": { "list": [{ "id": "dev" }, { "id": "other" }] } });
        let roster = Roster::of(&serde_json::from_value::<Config>(config).unwrap());
        let expect = SessionKey { agent: agent.to_owned(), canonical: canonical.to_owned() };
        assert_eq!(SessionKey::of(&roster, given), Some(expect), "{given}");
    }

    #[test]
    fn every_alias_has_one_key() {
        for given in ["main", " main ", "agent:dev:main", "agent:DEV:main"] {
            check(&json!({}), given, "dev", "agent:dev:main");
        }
        // `session.mainKey` is ignored, as its warning says.
        check(&json!({ "mainKey": "home" }), "home", "dev", "agent:dev:home");
        check(&json!({}), "home", "dev", "agent:dev:home");
        check(&json!({}), "agent:other:main", "other", "agent:other:main");
        check(&json!({}), "telegram:group:5", "dev", "agent:dev:telegram:group:5");
        check(&json!({}), "MiXed", "dev", "agent:dev:MiXed");
        check(&json!({}), "global", "dev", "global");
        check(&json!({}), "agent:../../x:a", "x", "agent:x:a");
        check(&json!({ "scope": "global" }), "main", "dev", "global");
        check(&json!({ "scope": "global" }), "agent:dev:main", "dev", "global");
        check(&json!({ "scope": "global" }), "agent:other:main", "other", "agent:other:main");
    }

    #[test]
    fn a_blank_key_is_none() {
        let roster = Roster::of(&Config::default());
        assert_eq!(SessionKey::of(&roster, "  "), None);
    }

    #[test]
    fn main_sessions_and_subagents() {
        let roster = Roster::of(&Config::default());
        let key = |given| SessionKey::of(&roster, given).unwrap();
        assert!(key("main").is_main(&roster) && !key("global").is_main(&roster));
        assert!(!key("agent:other:main").is_main(&roster));
        assert!(key("subagent:x").is_subagent() && !key("x").is_subagent());
    }

    #[test]
    fn stores_spell_keys_in_many_ways() {
        for (key, expect) in [
            ("main", "agent:dev:main"),
            ("agent:X:y", "agent:x:y"),
            ("global", "global"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(in_store(key, "dev"), expect);
        }
    }
}
