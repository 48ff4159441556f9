//! Short items of the last messages (`sessions.preview`, `wire-protocol` D.4). Pure but for [`preview`], which
//! blocks.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::history::last_messages;
use super::words;

/// How much of a transcript is looked at for messages that show something.
const WINDOW: usize = 1024 * 1024;
/// Tools of one message that are named.
const NAMED: usize = 2;

/// One message in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    role: &'static str,
    text: String,
}

/// The last `limit` messages that show something, in their order, each of `max_chars` characters at most.
pub(crate) fn preview(path: &Path, limit: usize, max_chars: usize) -> io::Result<Vec<Item>> {
    let mut left = WINDOW;
    let messages = last_messages(path, usize::MAX, |length| {
        // The first one counts however long it is.
        let fits = left > 0;
        left = left.saturating_sub(length);
        fits
    })?;
    let mut items: Vec<Item> =
        messages.iter().rev().filter_map(|message| item(message, max_chars)).take(limit).collect();
    items.reverse();
    Ok(items)
}

fn item(message: &Value, max_chars: usize) -> Option<Item> {
    let content = message.get("content")?;
    let tools = tool_names(message);
    let role = match message["role"].as_str() {
        Some("user") => "user",
        Some("assistant") if tools.is_empty() => "assistant",
        Some("assistant" | "toolResult" | "tool") => "tool",
        Some("system") => "system",
        _ => "other",
    };
    let text = words::text_of(content).unwrap_or_default();
    let text = text.trim();
    let said = if role == "user" { words::said(text) } else { text.into() };
    let text = match said.trim() {
        "" if !tools.is_empty() => calls(&tools),
        "" => placeholder(content)?,
        said => said.to_owned(),
    };
    Some(Item { role, text: cut(&text, max_chars) })
}

/// The tools that a message calls, or whose result it is.
fn tool_names(message: &Value) -> Vec<&str> {
    let called = message["content"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|part| part["type"] == "toolCall")
        .filter_map(|part| part["name"].as_str());
    called.chain(message["toolName"].as_str()).collect()
}

fn calls(tools: &[&str]) -> String {
    let named = tools.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match tools.len().saturating_sub(NAMED) {
        0 => format!("call {named}"),
        more => format!("call {named} +{more}"),
    }
}

/// What a message without text shows: `[image]`.
fn placeholder(content: &Value) -> Option<String> {
    let kinds = content.as_array()?.iter().filter_map(|part| part["type"].as_str());
    kinds.into_iter().find(|kind| !matches!(*kind, "text" | "thinking")).map(|kind| format!("[{kind}]"))
}

fn cut(text: &str, max_chars: usize) -> String {
    if text.chars().count() <= max_chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(3)).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(message: &Value, expect: Option<(&str, &str)>) {
        let found = item(message, 20);
        let found = found.as_ref().map(|item| (item.role, item.text.as_str()));
        assert_eq!(found, expect, "{message}");
    }

    #[test]
    fn items_as_published() {
        let call = |name: &str| json!({ "type": "toolCall", "id": "1", "name": name, "arguments": {} });
        let text = |text: &str| json!({ "type": "text", "text": text });
        let calls = json!([call("exec"), call("read"), call("c"), call("d")]);
        check(&json!({ "role": "user", "content": "  [Slack a] hi\n[message_id: 5]" }), Some(("user", "hi")));
        check(
            &json!({ "role": "assistant", "content": [text("a"), text("b")] }),
            Some(("assistant", "a\nb")),
        );
        check(
            &json!({ "role": "assistant", "content": [text("said"), call("exec")] }),
            Some(("tool", "said")),
        );
        check(&json!({ "role": "assistant", "content": calls }), Some(("tool", "call exec, read +2")));
        check(
            &json!({ "role": "toolResult", "toolName": "exec", "content": [] }),
            Some(("tool", "call exec")),
        );
        check(
            &json!({ "role": "toolResult", "toolName": "e", "content": [text("out")] }),
            Some(("tool", "out")),
        );
        check(&json!({ "role": "system", "content": "s" }), Some(("system", "s")));
        check(&json!({ "content": "no role" }), Some(("other", "no role")));
        check(
            &json!({ "role": "assistant", "content": [{ "type": "image" }] }),
            Some(("assistant", "[image]")),
        );
        check(&json!({ "role": "assistant", "content": [{ "type": "thinking", "thinking": "x" }] }), None);
        check(&json!({ "role": "assistant", "content": "" }), None);
        check(&json!({ "role": "user" }), None);
        check(
            &json!({ "role": "user", "content": "plain hello of more" }),
            Some(("user", "plain hello of more")),
        );
        check(&json!({ "role": "user", "content": "ä".repeat(21) }), Some(("user", "äääääääääääääääää...")));
    }

    #[test]
    fn messages_that_show_nothing_do_not_count() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines: Vec<String> = ["one", "two", "", "three", ""]
            .map(|text| json!({ "message": { "role": "user", "content": text } }).to_string())
            .into();
        std::fs::write(file.path(), lines.join("\n")).unwrap();
        let texts = |limit| -> Vec<String> {
            preview(file.path(), limit, 240).unwrap().into_iter().map(|item| item.text).collect()
        };
        assert_eq!(texts(2), ["two", "three"]);
        assert_eq!(texts(50), ["one", "two", "three"]);
    }
}
