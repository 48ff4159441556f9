//! Which mapping a request is for, and what that makes of it.

use super::payload::{AgentTask, Wake};
use super::template::{Scope, render};
use crate::config::schema::{HookAction, HookMapping, HookMatch, Hooks, WakeMode};

/// The mappings of a configuration in the order in which they count.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// Its name in messages.
    id: String,
    mapping: HookMapping,
}

/// What a mapping made of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mapped {
    /// A text for the main session.
    Wake(Wake),
    /// A task for an agent.
    Agent(AgentTask),
    /// What the mapping needs is not in the request.
    Refused(&'static str),
    /// The mapping named here has code, which cannot be run.
    NeedsCode(String),
}

// === impl Rules ===

impl Rules {
    /// The mappings, then those of the presets: what somebody wrote goes first.
    pub(crate) fn of(hooks: &Hooks) -> Self {
        let written = hooks.mappings.iter().cloned();
        let presets = hooks.presets.iter().filter_map(|name| preset(name));
        let rule = |(index, mapping): (usize, HookMapping)| Rule {
            id: mapping.id.clone().unwrap_or_else(|| format!("mapping-{}", index + 1)),
            mapping,
        };
        Self(written.chain(presets).enumerate().map(rule).collect())
    }

    /// What the first mapping that matches makes of a request; `None` when none does.
    pub(crate) fn apply(&self, scope: &Scope<'_>) -> Option<Mapped> {
        let rule = self.0.iter().find(|rule| rule.matches(scope))?;
        Some(rule.apply(scope))
    }
}

// === impl Rule ===

impl Rule {
    fn matches(&self, scope: &Scope<'_>) -> bool {
        let Some(HookMatch { path, source }) = &self.mapping.matches else { return true };
        let path = path.as_deref().map(|path| path.trim().trim_matches('/')).filter(|path| !path.is_empty());
        let source = source.as_deref().map(str::trim).filter(|source| !source.is_empty());
        path.is_none_or(|path| path == scope.path)
            && source.is_none_or(|source| scope.payload["source"] == source)
    }

    fn apply(&self, scope: &Scope<'_>) -> Mapped {
        let mapping = &self.mapping;
        if mapping.transform.is_some() {
            return Mapped::NeedsCode(self.id.clone());
        }
        let fill = |template: &Option<String>| {
            let text = template.as_deref().map(|template| render(template, scope)).unwrap_or_default();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        let mode = mapping.wake_mode.unwrap_or_default();
        match mapping.action.unwrap_or_default() {
            HookAction::Wake => match fill(&mapping.text_template) {
                Some(text) => Mapped::Wake(Wake { text, mode }),
                None => Mapped::Refused("hook mapping requires text"),
            },
            HookAction::Agent => match fill(&mapping.message_template) {
                Some(message) => Mapped::Agent(AgentTask {
                    message,
                    name: fill(&mapping.name).unwrap_or_else(|| "Hook".to_owned()),
                    wake_mode: mode,
                }),
                None => Mapped::Refused("hook mapping requires message"),
            },
        }
    }
}

/// A mapping that comes with the program.
fn preset(name: &str) -> Option<HookMapping> {
    (name == "gmail").then(|| HookMapping {
        id: Some("gmail".to_owned()),
        matches: Some(HookMatch { path: Some("gmail".to_owned()), source: None }),
        action: Some(HookAction::Agent),
        wake_mode: Some(WakeMode::Now),
        name: Some("Gmail".to_owned()),
        session_key: Some("hook:gmail:{{messages[0].id}}".to_owned()),
        message_template: Some(
            "New email from {{messages[0].from}}\nSubject: {{messages[0].subject}}\n\
             {{messages[0].snippet}}\n{{messages[0].body}}"
                .to_owned(),
        ),
        ..HookMapping::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn apply(hooks: &Value, path: &str, payload: &Value) -> Option<Mapped> {
        let rules = Rules::of(&serde_json::from_value(hooks.clone()).unwrap());
        let (headers, query) = (json!({}), json!({}));
        rules.apply(&Scope { payload, headers: &headers, query: &query, path, now: "now" })
    }

    fn wake(text: &str, mode: WakeMode) -> Mapped {
        Mapped::Wake(Wake { text: text.to_owned(), mode })
    }

    #[test]
    fn the_first_mapping_that_matches_counts() {
        let mapping = |matches: Value, text: &str| json!({ "match": matches, "action": "wake", "textTemplate": text, "wakeMode": "next-heartbeat" });
        let hooks = json!({ "mappings": [
            mapping(json!({ "path": "/a/", "source": "x" }), "both"),
            mapping(json!({ "path": "a" }), "path"),
            mapping(json!({ "source": "y" }), "source"),
            mapping(json!({ "path": "a/b" }), "longer"),
        ]});
        let later = WakeMode::NextHeartbeat;
        for (path, payload, expected) in [
            ("a", json!({ "source": "x" }), Some(wake("both", later))),
            ("a", json!({ "source": "y" }), Some(wake("path", later))),
            ("b", json!({ "source": "y" }), Some(wake("source", later))),
            ("a/b", json!({}), Some(wake("longer", later))),
            ("A", json!({}), None),
            ("b", json!({ "source": ["y"] }), None),
        ] {
            assert_eq!(apply(&hooks, path, &payload), expected, "{path} {payload}");
        }
        let all = json!({ "mappings": [{ "action": "wake", "textTemplate": "{{a}}" }] });
        assert_eq!(apply(&all, "anything", &json!({ "a": "b" })), Some(wake("b", WakeMode::Now)));
    }

    #[test]
    fn what_a_mapping_needs_has_to_be_there() {
        let hooks = json!({ "mappings": [
            { "match": { "path": "w" }, "action": "wake", "textTemplate": " {{a}} " },
            { "match": { "path": "m" }, "messageTemplate": "{{a}}", "name": "{{b}}" },
            { "match": { "path": "c" }, "id": "mine", "transform": { "module": "./x.js" } },
            { "match": { "path": "d" }, "textTemplate": "x", "transform": { "module": "./x.js" } },
        ]});
        let agent = |message: &str, name: &str| {
            Some(Mapped::Agent(AgentTask {
                message: message.to_owned(),
                name: name.to_owned(),
                wake_mode: WakeMode::Now,
            }))
        };
        for (path, payload, expected) in [
            ("w", json!({}), Some(Mapped::Refused("hook mapping requires text"))),
            ("m", json!({}), Some(Mapped::Refused("hook mapping requires message"))),
            ("m", json!({ "a": 1 }), agent("1", "Hook")),
            ("m", json!({ "a": 1, "b": "B" }), agent("1", "B")),
            ("c", json!({}), Some(Mapped::NeedsCode("mine".to_owned()))),
            ("d", json!({}), Some(Mapped::NeedsCode("mapping-4".to_owned()))),
        ] {
            assert_eq!(apply(&hooks, path, &payload), expected, "{path} {payload}");
        }
    }

    #[test]
    fn the_preset_reads_mail_and_comes_last() {
        let mail = json!({ "messages": [{ "id": "1", "from": "Ada", "subject": "Hi", "snippet": "s", "body": "b" }] });
        let preset = json!({ "presets": ["gmail", "unknown"] });
        let Some(Mapped::Agent(task)) = apply(&preset, "gmail", &mail) else { panic!("no task") };
        assert_eq!(task.event(), "Hook Gmail: New email from Ada\nSubject: Hi\ns\nb");
        let mut own = preset;
        own["mappings"] = json!([{ "match": { "path": "gmail" }, "action": "wake", "textTemplate": "mine" }]);
        assert_eq!(apply(&own, "gmail", &mail), Some(wake("mine", WakeMode::Now)));
    }
}
