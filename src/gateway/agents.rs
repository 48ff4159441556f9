//! The agents that the configuration names. Pure.

use std::path::{Path, PathBuf};

use crate::config::schema::{AgentEntry, Config, SessionScope};

/// Id of the agent of a configuration that names none, and of every agent's main session.
pub(crate) const MAIN: &str = "main";

/// Why a run of an agent does not begin.
pub(crate) const NO_RUNS: &str =
    "agent runs are not part of this gateway yet: it serves sessions, but calls no model";

/// The agents, the default one first.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    agents: Vec<AgentEntry>,
    /// Whether the configuration lists agents at all.
    pub(crate) is_listed: bool,
    /// Who shares a session.
    pub(crate) scope: SessionScope,
}

/// A session key of the form `agent:ID:REST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AgentKey<'a> {
    /// The agent.
    pub(crate) agent: &'a str,
    /// The session of that agent.
    pub(crate) rest: &'a str,
}

// === impl Roster ===

impl Roster {
    /// Reads the roster; the default agent is the one that says so, else the first, else `main`.
    pub(crate) fn of(config: &Config) -> Self {
        let mut agents = config.agents.list.clone();
        for agent in &mut agents {
            agent.id = normalize_id(&agent.id);
        }
        let is_listed = !agents.is_empty();
        if !is_listed {
            agents.push(AgentEntry { id: MAIN.to_owned(), ..AgentEntry::default() });
        }
        if let Some(default) = agents.iter().position(|agent| agent.is_default == Some(true)) {
            agents[..=default].rotate_right(1);
        }
        Self { agents, is_listed, scope: config.session.scope.unwrap_or_default() }
    }

    /// Id of the default agent.
    pub(crate) fn default_id(&self) -> &str {
        self.agents.first().map_or(MAIN, |agent| &agent.id)
    }

    /// The agents, the default one first.
    pub(crate) fn agents(&self) -> &[AgentEntry] {
        &self.agents
    }

    /// An agent by its normalised id.
    pub(crate) fn get(&self, id: &str) -> Option<&AgentEntry> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    /// Key of the session that the alias `main` stands for.
    pub(crate) fn main_session_key(&self) -> String {
        match self.scope {
            SessionScope::PerSender => format!("agent:{}:{MAIN}", self.default_id()),
            SessionScope::Global => "global".to_owned(),
        }
    }

    /// The scope on the wire.
    pub(crate) fn scope_name(&self) -> &'static str {
        match self.scope {
            SessionScope::PerSender => "per-sender",
            SessionScope::Global => "global",
        }
    }

    /// The agent that a session key names; the default agent for aliases and bare keys.
    pub(crate) fn agent_of<'a>(&'a self, session_key: &'a str) -> String {
        AgentKey::parse(session_key)
            .map_or_else(|| self.default_id().to_owned(), |key| normalize_id(key.agent))
    }
}

// === impl AgentKey ===

impl<'a> AgentKey<'a> {
    /// Takes a session key apart; `None` for aliases and bare keys.
    pub(crate) fn parse(key: &'a str) -> Option<Self> {
        let (agent, rest) = key.strip_prefix("agent:")?.split_once(':')?;
        (!agent.is_empty() && !rest.is_empty()).then_some(Self { agent, rest })
    }
}

/// An agent id as directories and session keys spell it: lower-case, `[a-z0-9_-]`, at most 64 characters.
pub(crate) fn normalize_id(id: &str) -> String {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c.to_ascii_lowercase() } else { '-' }
    };
    let id: String = id.trim().chars().map(legal).take(64).collect();
    let id = id.trim_matches('-');
    if id.is_empty() { MAIN.to_owned() } else { id.to_owned() }
}

/// Expands `~` in a configured path.
pub(crate) fn expand_home(path: &str, home: &Path) -> PathBuf {
    match path.trim().strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path.trim()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(list: &serde_json::Value, expect: &[&str]) {
        let config: Config = serde_json::from_value(json!({ "agents": { "list": list } })).unwrap();
        let roster = Roster::of(&config);
        let ids: Vec<&str> = roster.agents().iter().map(|agent| agent.id.as_str()).collect();
        assert_eq!(ids, expect);
        assert_eq!(roster.default_id(), expect[0]);
    }

    #[test]
    fn the_default_agent_comes_first() {
        check(&json!([]), &["main"]);
        check(&json!([{ "id": "Dev" }, { "id": "b" }]), &["dev", "b"]);
        check(&json!([{ "id": "a" }, { "id": "b" }, { "id": "c", "default": true }]), &["c", "a", "b"]);
    }

    #[test]
    fn ids_and_keys() {
        for (id, expect) in [("Dev", "dev"), ("My Agent", "my-agent"), ("  ", "main"), ("--x--", "x")] {
            assert_eq!(normalize_id(id), expect);
        }
        assert_eq!(AgentKey::parse("agent:dev:a:b"), Some(AgentKey { agent: "dev", rest: "a:b" }));
        for bare in ["main", "agent:dev", "agent::x", "agent:dev:"] {
            assert_eq!(AgentKey::parse(bare), None, "{bare}");
        }
    }

    #[test]
    fn home() {
        let home = Path::new("/home/you");
        for (path, expect) in [("~", "/home/you"), ("~/a", "/home/you/a"), ("/b", "/b"), ("~x", "~x")] {
            assert_eq!(expand_home(path, home), Path::new(expect));
        }
    }
}
