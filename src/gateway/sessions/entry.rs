//! One session, reduced to what lists show. Pure.

use serde_json::{Map, Value};

use super::key;

/// Members that rows show as they are, in the order of the published rows.
const SHOWN: [&str; 24] = [
    "channel",
    "subject",
    "groupChannel",
    "space",
    "chatType",
    "origin",
    "sessionId",
    "systemSent",
    "abortedLastRun",
    "thinkingLevel",
    "verboseLevel",
    "reasoningLevel",
    "elevatedLevel",
    "sendPolicy",
    "inputTokens",
    "outputTokens",
    "responseUsage",
    "modelProvider",
    "model",
    "contextTokens",
    "deliveryContext",
    "lastChannel",
    "lastTo",
    "lastAccountId",
];

/// Members that are needed besides to make rows and to filter them.
const NEEDED: [&str; 5] = ["label", "displayName", "totalTokens", "spawnedBy", "sessionFile"];

/// One session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The canonical key.
    pub(crate) key: String,
    /// When it was used last, Unix milliseconds.
    pub(crate) updated_at: Option<u64>,
    members: Map<String, Value>,
}

/// What a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Direct,
    Group,
    Global,
    Unknown,
}

// === impl Entry ===

impl Entry {
    /// Reduces an entry of a store. `agent` is the agent whose store it is; keys that name no agent are its.
    pub(super) fn read(key: &str, agent: &str, value: &Value) -> Option<Self> {
        let entry = value.as_object()?;
        let kept = SHOWN.iter().chain(&NEEDED).filter_map(|&name| {
            let value = entry.get(name).filter(|value| !value.is_null())?;
            Some((name.to_owned(), value.clone()))
        });
        let mut members: Map<String, Value> = kept.collect();
        if !members.contains_key("deliveryContext")
            && let Some(context) = delivery_context(entry)
        {
            members.insert("deliveryContext".to_owned(), context);
        }
        // Clocks of JavaScript programs may write fractions.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rounds towards zero, in range"
        )]
        let updated_at = entry
            .get("updatedAt")
            .and_then(|value| value.as_u64().or_else(|| value.as_f64().map(|float| float as u64)))
            .filter(|&at| at > 0);
        Some(Self { key: key::in_store(key, agent), updated_at, members })
    }

    /// A member.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A text that is not blank.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The members that rows show as they are.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        SHOWN.iter().filter_map(|&name| Some((name, self.members.get(name)?)))
    }

    /// What it is.
    pub(super) fn kind(&self) -> Kind {
        match self.key.as_str() {
            "global" => Kind::Global,
            "unknown" => Kind::Unknown,
            key => {
                let by_type = self.text("chatType").is_some_and(|chat| chat == "group" || chat == "channel");
                let by_key = key.contains(":group:") || key.contains(":channel:");
                if by_type || by_key { Kind::Group } else { Kind::Direct }
            }
        }
    }

    /// Name for people: its own, else that of its group, else its label, else that of its origin.
    pub(super) fn display_name(&self) -> Option<&str> {
        let group = || match self.kind() {
            Kind::Group => ["groupChannel", "subject", "space"].iter().find_map(|name| self.text(name)),
            _ => None,
        };
        let origin = || self.get("origin")?.get("label")?.as_str();
        self.text("displayName").or_else(group).or_else(|| self.text("label")).or_else(origin)
    }

    /// Tokens used: as stored, else input and output together.
    pub(super) fn total_tokens(&self) -> Option<u64> {
        let number = |name| self.get(name).and_then(Value::as_u64);
        number("totalTokens").or_else(|| match (number("inputTokens"), number("outputTokens")) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or_default() + output.unwrap_or_default()),
        })
    }
}

// === impl Kind ===

impl Kind {
    /// The name on the wire.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
            Self::Global => "global",
            Self::Unknown => "unknown",
        }
    }
}

/// Where the last message came from, of entries that were written before there was a member for that.
fn delivery_context(entry: &Map<String, Value>) -> Option<Value> {
    const PARTS: [(&str, &str); 3] =
        [("lastChannel", "channel"), ("lastTo", "to"), ("lastAccountId", "accountId")];
    let parts = PARTS.iter().filter_map(|&(last, name)| {
        let text = entry.get(last)?.as_str().map(str::trim).filter(|text| !text.is_empty())?;
        Some((name.to_owned(), Value::from(text)))
    });
    let context: Map<String, Value> = parts.collect();
    (!context.is_empty()).then_some(Value::Object(context))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(key: &str, value: &Value) -> Entry {
        Entry::read(key, "dev", value).unwrap()
    }

    #[test]
    fn keys_become_canonical() {
        for (key, expect) in [("main", "agent:dev:main"), ("agent:x:y", "agent:x:y"), ("global", "global")] {
            assert_eq!(entry(key, &json!({})).key, expect);
        }
        assert_eq!(Entry::read("main", "dev", &json!("text")), None);
    }

    #[test]
    fn kinds() {
        for (key, value, expect) in [
            ("global", json!({}), Kind::Global),
            ("unknown", json!({}), Kind::Unknown),
            ("main", json!({}), Kind::Direct),
            ("main", json!({ "chatType": "group" }), Kind::Group),
            ("agent:dev:telegram:group:5", json!({}), Kind::Group),
        ] {
            assert_eq!(entry(key, &value).kind(), expect, "{key} {value}");
        }
    }

    #[test]
    fn names_fall_back() {
        for (value, expect) in [
            (json!({ "displayName": "own", "label": "l" }), Some("own")),
            (json!({ "chatType": "group", "subject": "Friends", "label": "l" }), Some("Friends")),
            (json!({ "label": "l", "origin": { "label": "o" } }), Some("l")),
            (json!({ "displayName": "  ", "origin": { "label": "o" } }), Some("o")),
            (json!({}), None),
        ] {
            assert_eq!(entry("main", &value).display_name(), expect, "{value}");
        }
    }

    #[test]
    fn big_members_are_left_behind_and_tokens_added_up() {
        let entry = entry(
            "main",
            &json!({ "updatedAt": 17.5, "inputTokens": 3, "outputTokens": 4, "skillsSnapshot": { "prompt": "x" } }),
        );
        assert_eq!((entry.updated_at, entry.total_tokens()), (Some(17), Some(7)));
        assert_eq!(entry.get("skillsSnapshot"), None);
    }

    #[test]
    fn an_entry_without_a_delivery_context_gets_one_from_its_last_message() {
        let context = |value: Value| Entry::read("k", "dev", &value).unwrap().get("deliveryContext").cloned();
        let last = json!({ "lastChannel": "telegram", "lastTo": " -100 ", "lastAccountId": "" });
        assert_eq!(context(last), Some(json!({ "channel": "telegram", "to": "-100" })));
        let own = json!({ "lastChannel": "telegram", "deliveryContext": { "channel": "slack" } });
        assert_eq!(context(own), Some(json!({ "channel": "slack" })));
        assert_eq!(context(json!({ "lastChannel": " " })), None);
    }
}
