//! Which tools a configuration allows: `tools.profile`, `tools.allow`, `tools.deny`, and the same of one agent.

use serde_json::Value;

/// Names that stand for several tools.
const GROUPS: [(&str, &[&str]); 9] = [
    ("group:runtime", &["exec", "bash", "process"]),
    ("group:fs", &["read", "write", "edit", "apply_patch"]),
    (
        "group:sessions",
        &["sessions_list", "sessions_history", "sessions_send", "sessions_spawn", "session_status"],
    ),
    ("group:memory", &["memory_search", "memory_get"]),
    ("group:web", &["web_search", "web_fetch"]),
    ("group:ui", &["browser", "canvas"]),
    ("group:automation", &["cron", "gateway"]),
    ("group:messaging", &["message"]),
    ("group:nodes", &["nodes"]),
];

/// The group of everything that comes with the program, as all tools here do.
const EVERYTHING: &str = "group:clawdbot";

/// What a profile allows; `full` and names that nobody knows restrict nothing.
const PROFILES: [(&str, &[&str]); 3] = [
    ("minimal", &["session_status"]),
    ("coding", &["group:fs", "group:runtime", "group:sessions", "group:memory", "image"]),
    (
        "messaging",
        &["group:messaging", "sessions_list", "sessions_history", "sessions_send", "session_status"],
    ),
];

/// What the session of a subagent must not use, whatever is configured.
const NOT_FOR_SUBAGENTS: [&str; 8] = [
    "sessions_list",
    "sessions_history",
    "sessions_send",
    "sessions_spawn",
    "session_status",
    "agents_list",
    "gateway",
    "cron",
];

/// Everything that has a say.
#[derive(Debug)]
pub(super) struct Policy {
    rules: Vec<Rule>,
}

/// Two lists. The second wins; an empty first one allows everything.
#[derive(Debug, Default)]
struct Rule {
    allow: Vec<String>,
    deny: Vec<String>,
}

// === impl Policy ===

impl Policy {
    /// The policy of a session of `agent` with a resolved configuration.
    pub(super) fn of(resolved: &Value, agent: &str, is_subagent: bool) -> Self {
        let list = resolved["agents"]["list"].as_array().map_or(&[][..], Vec::as_slice);
        let is_it = |entry: &&Value| {
            entry["id"].as_str().is_some_and(|id| crate::gateway::agents::normalize_id(id) == agent)
        };
        let own = list.iter().find(is_it).map_or(&Value::Null, |entry| &entry["tools"]);
        let global = &resolved["tools"];
        let profile = own["profile"].as_str().or_else(|| global["profile"].as_str());
        let mut rules = vec![Rule::of_profile(profile), Rule::of(global), Rule::of(own)];
        if is_subagent {
            let deny = NOT_FOR_SUBAGENTS.map(str::to_owned).to_vec();
            rules.push(Rule { deny, ..Rule::of(&global["subagents"]["tools"]) });
            rules.push(Rule::of(&global["subagents"]["tools"]));
        }
        Self { rules }
    }

    /// Whether a tool may be used.
    pub(super) fn allows(&self, tool: &str) -> bool {
        self.rules.iter().all(|rule| rule.allows(tool))
    }
}

// === impl Rule ===

impl Rule {
    fn of(section: &Value) -> Self {
        let names = |key: &str| {
            let names = section[key].as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect()
        };
        Self { allow: names("allow"), deny: names("deny") }
    }

    fn of_profile(name: Option<&str>) -> Self {
        let allow =
            PROFILES.iter().find(|(profile, _)| Some(*profile) == name).map_or(&[][..], |(_, allow)| allow);
        Self { allow: allow.iter().map(|&name| name.to_owned()).collect(), deny: Vec::new() }
    }

    fn allows(&self, tool: &str) -> bool {
        let is_in = |names: &[String]| names.iter().any(|name| names_tool(name, tool));
        !is_in(&self.deny) && (self.allow.is_empty() || is_in(&self.allow))
    }
}

/// Whether a name of a list means a tool: its own, a group's, or one with `*` for anything.
fn names_tool(name: &str, tool: &str) -> bool {
    if name == EVERYTHING {
        return true;
    }
    match GROUPS.iter().find(|(group, _)| *group == name) {
        Some((_, tools)) => tools.contains(&tool),
        None => fits(name, tool),
    }
}

/// Whether a text fits a pattern in which `*` is anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(config: &Value, agent: &str, expected: &[(&str, bool)]) {
        let policy = Policy::of(config, agent, false);
        for (tool, allowed) in expected {
            assert_eq!(policy.allows(tool), *allowed, "{tool} of {agent} with {config}");
        }
    }

    #[test]
    fn what_is_denied_is_not_allowed() {
        check(&json!({}), "main", &[("gateway", true), ("anything", true)]);
        check(
            &json!({ "tools": { "allow": ["group:Sessions", "gateway "], "deny": ["sessions_s*", ""] } }),
            "main",
            &[
                ("sessions_list", true),
                ("sessions_send", false),
                ("session_status", true),
                ("gateway", true),
                ("nodes", false),
            ],
        );
        check(&json!({ "tools": { "deny": ["*"] } }), "main", &[("gateway", false)]);
        check(&json!({ "tools": { "deny": ["group:clawdbot"] } }), "main", &[("gateway", false)]);
    }

    #[test]
    fn an_agent_has_its_own_lists_and_its_own_profile() {
        let config = json!({
            "tools": { "profile": "messaging", "deny": ["sessions_list"] },
            "agents": { "list": [
                { "id": "main" },
                { "id": "Full", "tools": { "profile": "full", "deny": ["cron"] } },
                { "id": "small", "tools": { "profile": "minimal" } },
            ] },
        });
        check(&config, "main", &[("session_status", true), ("sessions_list", false), ("gateway", false)]);
        check(&config, "full", &[("gateway", true), ("cron", false), ("sessions_list", false)]);
        check(&config, "small", &[("session_status", true), ("message", false)]);
        check(&config, "nobody", &[("message", true), ("gateway", false)]);
    }

    #[test]
    fn subagents_are_kept_from_other_sessions() {
        let config = json!({ "tools": { "subagents": { "tools": { "deny": ["nodes"] } } } });
        let policy = Policy::of(&config, "main", true);
        for (tool, allowed) in
            [("sessions_list", false), ("gateway", false), ("nodes", false), ("canvas", true)]
        {
            assert_eq!(policy.allows(tool), allowed, "{tool}");
        }
    }

    #[test]
    fn a_star_is_anything() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "a", true),
            ("*b", "ab", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
