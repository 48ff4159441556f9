//! Where answers to a session go: what older and newer programs wrote about it, in one form. Pure.

use serde_json::{Map, Number, Value};

/// Members of `deliveryContext` with the members of the entry that say the same, and say it first.
const PARTS: [(&str, &str); 4] = [
    ("channel", "lastChannel"),
    ("to", "lastTo"),
    ("accountId", "lastAccountId"),
    ("threadId", "lastThreadId"),
];

/// Brings the members of an entry that are about delivery into one form: `deliveryContext`, and beside it the
/// members that say the same in the older way.
pub(super) fn unify(entry: &mut Map<String, Value>, thread: Option<&Value>) {
    let stored = entry.remove("deliveryContext");
    let mut context = Map::new();
    for (name, last) in PARTS {
        let latest = match name {
            "channel" => entry.get(last).and_then(channel).or_else(|| entry.get(name).and_then(channel)),
            "threadId" => thread.and_then(thread_id),
            _ => entry.get(last).and_then(text),
        };
        let earlier = || {
            let value = stored.as_ref()?.get(name)?;
            match name {
                "channel" => channel(value),
                "threadId" => thread_id(value),
                _ => text(value),
            }
        };
        if let Some(value) = latest.or_else(earlier) {
            if name != "threadId" {
                entry.insert(last.to_owned(), value.clone());
            }
            context.insert(name.to_owned(), value);
        }
    }
    if !context.is_empty() {
        entry.insert("deliveryContext".to_owned(), context.into());
    }
}

fn text(value: &Value) -> Option<Value> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(Value::from)
}

/// The name that a channel has everywhere else.
fn channel(value: &Value) -> Option<Value> {
    let name = value.as_str()?.trim().to_lowercase();
    match name.as_str() {
        "" => None,
        "imsg" => Some("imessage".into()),
        "google-chat" | "gchat" => Some("googlechat".into()),
        _ => Some(name.into()),
    }
}

/// A name, or a number without its fraction.
fn thread_id(value: &Value) -> Option<Value> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounds towards zero; what is out of range saturates"
    )]
    let whole = |number: &Number| number.as_i64().or_else(|| number.as_f64().map(|float| float as i64));
    match value {
        Value::Number(number) => whole(number).map(Value::from),
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An entry → its context and its members `lastChannel`, `lastTo`, `lastAccountId`.
    #[track_caller]
    fn check(entry: &Value, context: &Value, last: [Option<&str>; 3]) {
        let mut unified = entry.as_object().unwrap().clone();
        unify(&mut unified, entry.get("lastThreadId"));
        assert_eq!(unified.get("deliveryContext").unwrap_or(&Value::Null), context, "{entry}");
        let found = ["lastChannel", "lastTo", "lastAccountId"].map(|name| unified.get(name)?.as_str());
        assert_eq!(found, last, "{entry}");
    }

    #[test]
    fn what_was_said_last_wins() {
        let slack = Some("slack");
        check(&json!({ "channel": "slack" }), &json!({ "channel": "slack" }), [slack, None, None]);
        check(
            &json!({ "channel": "telegram", "lastChannel": "slack", "lastTo": " 5 " }),
            &json!({ "channel": "slack", "to": "5" }),
            [slack, Some("5"), None],
        );
        check(
            &json!({ "deliveryContext": { "channel": "telegram", "to": "x" }, "lastChannel": "slack" }),
            &json!({ "channel": "slack", "to": "x" }),
            [slack, Some("x"), None],
        );
        let stored = json!({ "channel": "Slack", "to": " x ", "accountId": "A", "threadId": 5, "more": 1 });
        check(
            &json!({ "deliveryContext": stored }),
            &json!({ "channel": "slack", "to": "x", "accountId": "A", "threadId": 5 }),
            [slack, Some("x"), Some("A")],
        );
        check(&json!({ "lastTo": "only" }), &json!({ "to": "only" }), [None, Some("only"), None]);
    }

    #[test]
    fn what_says_nothing_counts_as_absent() {
        for entry in [json!({}), json!({ "deliveryContext": {} }), json!({ "deliveryContext": "text" })] {
            check(&entry, &Value::Null, [None; 3]);
        }
        let odd = json!({ "deliveryContext": { "channel": "x", "accountId": 5, "to": 6, "threadId": " " } });
        check(&odd, &json!({ "channel": "x" }), [Some("x"), None, None]);
    }

    #[test]
    fn channels_and_threads_have_one_spelling() {
        for (given, expect) in
            [("imsg", "imessage"), ("gchat", "googlechat"), ("google-chat", "googlechat"), ("Nostr", "nostr")]
        {
            let entry = json!({ "lastChannel": given });
            check(&entry, &json!({ "channel": expect }), [Some(expect), None, None]);
        }
        for (given, expect) in [(json!(5.7), json!(5)), (json!("8"), json!("8"))] {
            check(&json!({ "lastThreadId": given }), &json!({ "threadId": expect }), [None; 3]);
        }
    }
}
