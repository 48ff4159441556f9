//! A row of `sessions.list` as text (`wire-protocol` D.4). Pure.
//!
//! What an entry says is written once and kept with it: ten thousand rows as values, or written for each request
//! anew, would cost more than everything else about a list.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::entry::Entry;

/// What an entry says, around what is looked up in its transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowText {
    /// From the opening brace on.
    head: Box<str>,
    /// With a comma before it, to the closing brace.
    tail: Box<str>,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(super) entry: &'a Entry,
    pub(super) title: Option<String>,
    pub(super) last_message: Option<String>,
}

/// Members up to the name; there is always one.
struct Head<'a>(&'a Entry);

/// Members from the time on; there is always one.
struct Tail<'a>(&'a Entry);

impl RowText {
    /// Writes what an entry says.
    pub(super) fn of(entry: &Entry) -> Self {
        // Both are objects of texts, numbers, and values, which always serialise.
        let text = |written: serde_json::Result<String>| written.unwrap_or_default();
        let (head, tail) =
            (text(serde_json::to_string(&Head(entry))), text(serde_json::to_string(&Tail(entry))));
        Self {
            head: head.strip_suffix('}').unwrap_or_default().into(),
            tail: tail.replacen('{', ",", 1).into(),
        }
    }
}

/// Appends rows as a JSON array.
pub(crate) fn append(json: &mut String, rows: &[Row<'_>]) {
    json.reserve(rows.iter().map(Row::size_hint).sum());
    json.push('[');
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        row.append_to(json);
    }
    json.push(']');
}

impl Row<'_> {
    /// How long the row is, as far as that is known beforehand.
    fn size_hint(&self) -> usize {
        let RowText { head, tail } = self.entry.row();
        head.len() + tail.len() + 1
    }

    fn append_to(&self, json: &mut String) {
        let RowText { head, tail } = self.entry.row();
        json.push_str(head);
        for (member, text) in
            [(r#","derivedTitle":"#, &self.title), (r#","lastMessagePreview":"#, &self.last_message)]
        {
            if let Some(text) = text {
                json.push_str(member);
                json.push_str(&Value::from(text.as_str()).to_string());
            }
        }
        json.push_str(tail);
    }
}

impl Serialize for Head<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(entry) = self;
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("key", &entry.key)?;
        row.serialize_entry("kind", entry.kind().as_str())?;
        if let Some(label) = entry.get("label") {
            row.serialize_entry("label", label)?;
        }
        if let Some(name) = entry.display_name() {
            row.serialize_entry("displayName", name)?;
        }
        row.end()
    }
}

impl Serialize for Tail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(entry) = self;
        let mut row = serializer.serialize_map(None)?;
        row.serialize_entry("updatedAt", &entry.updated_at)?;
        for (name, value) in entry.shown() {
            row.serialize_entry(name, value)?;
        }
        row.serialize_entry("totalTokens", &entry.total_tokens().unwrap_or(0))?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_objects_whatever_is_in_them() {
        for label in ["plain", "}", "{", "}}}", "\"}", "a\nb"] {
            let value = json!({ "label": label, "origin": { "label": "{}" }, "updatedAt": 3 });
            let entry = Entry::read("main", "dev", &value).unwrap();
            let mut text = String::new();
            let row = Row { entry: &entry, title: None, last_message: Some("}\"".to_owned()) };
            row.append_to(&mut text);
            let expect = json!({
                "key": "agent:dev:main", "kind": "direct", "label": label, "displayName": label,
                "lastMessagePreview": "}\"", "updatedAt": 3, "origin": { "label": "{}" }, "totalTokens": 0,
            });
            assert_eq!(text, expect.to_string());
        }
    }
}
