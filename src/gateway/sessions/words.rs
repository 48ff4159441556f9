//! What a user said, without what a channel and the gateway wrote around it (`wire-protocol` D.9). Pure.

use std::borrow::Cow;

use serde_json::Value;

/// Channels whose messages are stored with an envelope, `[Slack #general +5m] text`.
const CHANNELS: [&str; 14] = [
    "WebChat",
    "WhatsApp",
    "Telegram",
    "Signal",
    "Slack",
    "Discord",
    "iMessage",
    "Teams",
    "Matrix",
    "Zalo",
    "Zalo Personal",
    "Google Chat",
    "BlueBubbles",
    "Zalo User",
];

/// The text that a user wrote.
pub(super) fn said(text: &str) -> Cow<'_, str> {
    without_hints(without_envelope(text))
}

/// The texts of a message's content, one below the other.
pub(super) fn text_of(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter(|part| part["type"] == "text")
                .filter_map(|part| part["text"].as_str())
                .collect();
            Some(texts.join("\n"))
        }
        _ => None,
    }
}

/// Cleans the content of a user's message.
pub(super) fn clean_content(content: &mut Value) {
    let clean = |text: &mut String| *text = said(text).into_owned();
    match content {
        Value::String(text) => clean(text),
        Value::Array(parts) => {
            for part in parts.iter_mut().filter(|part| part["type"] == "text") {
                if let Some(Value::String(text)) = part.get_mut("text") {
                    clean(text);
                }
            }
        }
        _ => {}
    }
}

fn without_envelope(text: &str) -> &str {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((header, said)) if is_envelope(header) => said.trim_start(),
        _ => text,
    }
}

fn is_envelope(header: &str) -> bool {
    let names = |channel: &str| header.strip_prefix(channel).is_some_and(|rest| rest.starts_with(' '));
    CHANNELS.into_iter().any(names) || has_time(header)
}

/// Whether `2026-01-25T10:00Z` or `2026-01-25 10:00` is in it.
fn has_time(header: &str) -> bool {
    let fits = |pattern: &str, place: &[u8]| {
        pattern.bytes().zip(place).all(|(wanted, &found)| match wanted {
            b'0' => found.is_ascii_digit(),
            wanted => found == wanted,
        })
    };
    let has = |pattern: &str| header.as_bytes().windows(pattern.len()).any(|place| fits(pattern, place));
    has("0000-00-00T00:00Z") || has("0000-00-00 00:00")
}

/// The gateway ends stored user texts with a line that names the message.
fn without_hints(text: &str) -> Cow<'_, str> {
    let is_hint = |line: &str| {
        let name = line.trim().strip_prefix("[message_id:").and_then(|rest| rest.strip_suffix(']'));
        name.is_some_and(|name| !name.trim().is_empty() && !name.contains(']'))
    };
    let lines = || text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if !lines().any(is_hint) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(lines().filter(|line| !is_hint(line)).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn envelopes_and_hints_are_taken_off_as_published() {
        for (text, expect) in [
            ("plain hello\n[message_id: run-1]", "plain hello"),
            ("string [message_id: inline] tail\n[message_id: x]\n", "string [message_id: inline] tail\n"),
            ("[WhatsApp +123 2026-01-01T00:00Z] enveloped\n[message_id: x]", "enveloped"),
            ("[Google Chat me] a", "a"),
            ("[Mattermost me] a", "[Mattermost me] a"),
            ("[webchat user] a", "[webchat user] a"),
            ("[Not a channel] keep me", "[Not a channel] keep me"),
            ("[Thu 2026-01-01 10:00 UTC] stamped", "stamped"),
            ("[2026-01-25T10:00Z Bob] stamped", "stamped"),
            ("[x 2026-01-01T10:00] a", "[x 2026-01-01T10:00] a"),
            ("[2026-1-1 10:00] a", "[2026-1-1 10:00] a"),
            ("[Slack] short", "[Slack] short"),
            ("[Slack\tx] tab", "[Slack\tx] tab"),
            ("[Signal x]no space", "no space"),
            ("[Slack a\nb]\n two", "two"),
            ("[Slack a [b] c] nested", "c] nested"),
            ("   [Signal x] later", "   [Signal x] later"),
            ("[Signal x] [Slack y] double", "[Slack y] double"),
            ("  padded  ", "  padded  "),
            ("[message_id: only]", ""),
            ("[Slack a] [message_id: 5]", ""),
            ("hello\n  [message_id: indented]  ", "hello"),
            ("hello\n[message_id: a] tail", "hello\n[message_id: a] tail"),
            ("hello\n[Message_ID: upper]", "hello\n[Message_ID: upper]"),
            ("[message_id:]\nz", "[message_id:]\nz"),
            ("[message_id: a]]\nz", "[message_id: a]]\nz"),
            ("hello\n\n[message_id: a]\n\nx\n", "hello\n\n\nx\n"),
            ("a\r\n[message_id: 1]\r\nb", "a\nb"),
        ] {
            assert_eq!(said(text), expect, "{text:?}");
        }
    }

    #[test]
    fn only_texts_of_a_content_are_cleaned() {
        let text = |text: &str| json!({ "type": "text", "text": text });
        let image = json!({ "type": "image", "text": "[Slack a] p" });
        let mut content = json!([text("[Slack a] p1\n[message_id: 1]"), image, text("[Slack b] p2"), 5]);
        clean_content(&mut content);
        assert_eq!(content, json!([text("p1"), image, text("p2"), 5]));
        assert_eq!(text_of(&content).as_deref(), Some("p1\np2"));
        assert_eq!(text_of(&json!({})), None);
    }
}
