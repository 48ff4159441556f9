//! One session, reduced to what lists show. Pure.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::group::{self, GroupKey, Names};
use super::row::RowText;
use super::{delivery, key};

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

/// Members that programs before the published one of today wrote, and their names since.
const OLD: [(&str, &str); 3] =
    [("provider", "channel"), ("lastProvider", "lastChannel"), ("room", "groupChannel")];

/// One session.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The canonical key.
    pub(crate) key: String,
    /// When it was used last, Unix milliseconds.
    pub(crate) updated_at: Option<u64>,
    display_name: Option<String>,
    members: Map<String, Value>,
    row: OnceLock<RowText>,
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
        for (old, name) in OLD {
            if let Some(value) = entry.get(old).filter(|value| value.is_string())
                && !members.get(name).is_some_and(Value::is_string)
            {
                members.insert(name.to_owned(), value.clone());
            }
        }
        delivery::unify(&mut members, entry.get("lastThreadId"));
        let key = key::in_store(key, agent);
        let group = GroupKey::parse(&key);
        if let Some(group) = &group
            && text_of(&members, "channel").is_none()
        {
            members.insert("channel".to_owned(), group.channel.into());
        }
        let display_name = display_name(&members, group.as_ref().map_or(key.as_str(), |group| &group.id));
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
        Some(Self { key, updated_at, display_name, members, row: OnceLock::new() })
    }

    /// A member.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// A text that is not blank.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        text_of(&self.members, name)
    }

    /// The members that rows show as they are.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        SHOWN.iter().filter_map(|&name| Some((name, self.members.get(name)?)))
    }

    /// Its row in lists, written when it is asked for first.
    pub(super) fn row(&self) -> &RowText {
        self.row.get_or_init(|| RowText::of(self))
    }

    /// What it is.
    pub(super) fn kind(&self) -> Kind {
        match self.key.as_str() {
            "global" => Kind::Global,
            "unknown" => Kind::Unknown,
            key => {
                let chat = self.get("chatType").and_then(Value::as_str);
                let by_type = matches!(chat, Some("group" | "channel"));
                let by_key = key.contains(":group:") || key.contains(":channel:");
                if by_type || by_key { Kind::Group } else { Kind::Direct }
            }
        }
    }

    /// Name for people: its own, else that which its channel gives it, else its label, else that of its origin.
    pub(super) fn display_name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    /// Tokens used: as stored, else input and output together.
    pub(super) fn total_tokens(&self) -> Option<u64> {
        let number = |name| self.get(name).and_then(Value::as_u64);
        number("totalTokens").or_else(|| match (number("inputTokens"), number("outputTokens")) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or_default().saturating_add(output.unwrap_or_default())),
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

fn text_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn display_name(members: &Map<String, Value>, id: &str) -> Option<String> {
    let text = |name| text_of(members, name);
    let of_channel = || {
        let names =
            Names { group_channel: text("groupChannel"), space: text("space"), subject: text("subject"), id };
        Some(group::display_name(text("channel")?, names))
    };
    let of_origin = || members.get("origin")?.get("label")?.as_str();
    let own = text("displayName").map(str::to_owned);
    own.or_else(of_channel).or_else(|| text("label").or_else(of_origin).map(str::to_owned))
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
            ("main", json!({ "chatType": "room" }), Kind::Direct),
            ("agent:dev:telegram:group:5", json!({}), Kind::Group),
            ("group:5", json!({}), Kind::Group),
            ("agent:dev:global", json!({}), Kind::Direct),
        ] {
            assert_eq!(entry(key, &value).kind(), expect, "{key} {value}");
        }
    }

    #[test]
    fn names_fall_back() {
        for (value, expect) in [
            (json!({ "displayName": "own", "label": "l" }), Some("own")),
            (json!({ "chatType": "group", "subject": "Friends", "label": "l" }), Some("l")),
            (json!({ "channel": "discord", "subject": "Friends", "label": "l" }), Some("discord:g-friends")),
            (json!({ "channel": "discord", "label": "l" }), Some("discord:g-agent-dev-main")),
            (json!({ "channel": " ", "label": "l" }), Some("l")),
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
    fn keys_of_groups_name_the_channel_that_the_entry_does_not() {
        let shown = |key, value| {
            let entry = entry(key, &value);
            ["channel", "groupChannel"].map(|name| entry.text(name).map(str::to_owned))
        };
        let found = |channel: &str| [Some(channel.to_owned()), None];
        assert_eq!(shown("agent:dev:telegram:group:5", json!({})), found("telegram"));
        assert_eq!(shown("agent:dev:telegram:group:5", json!({ "channel": "slack" })), found("slack"));
        assert_eq!(shown("agent:dev:telegram:group:5", json!({ "channel": " " })), found("telegram"));
        assert_eq!(shown("agent:dev:telegram:dm:5", json!({})), [None, None]);
        let old = json!({ "provider": "slack", "room": "#r" });
        assert_eq!(shown("main", old), [Some("slack".to_owned()), Some("#r".to_owned())]);
        let both = json!({ "provider": "slack", "channel": "discord" });
        assert_eq!(shown("main", both), found("discord"));
    }
}
