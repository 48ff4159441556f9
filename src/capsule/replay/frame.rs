//! The head of a frame: what it is, and what it belongs to.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::journal::Message;

/// What an answer calls a request without an id.
const NAMELESS: &str = "\"invalid\"";

/// The members of a frame that decide where it goes; their content is not looked at otherwise.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<&'a RawValue>,
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ok: Option<&'a RawValue>,
}

// === impl Head ===

impl<'a> Head<'a> {
    /// Reads it; JSON that is no object has an empty one.
    pub(super) fn read(frame: &'a str) -> Option<Self> {
        match serde_json::from_str(frame) {
            // A list would be taken for its members in their order.
            Ok(_) if !frame.trim_start().starts_with('{') => Some(Self::default()),
            Ok(head) => Some(head),
            Err(error) if error.is_data() => Some(Self::default()),
            Err(_) => None,
        }
    }

    /// The id, as JSON that is written in one way only.
    pub(super) fn id(&self) -> Cow<'a, str> {
        match self.id.map(RawValue::get) {
            None | Some("null") => Cow::Borrowed(NAMELESS),
            Some(plain) if plain.starts_with('"') && !plain.contains('\\') => Cow::Borrowed(plain),
            Some(other) => serde_json::from_str::<Value>(other)
                .map_or(Cow::Borrowed(other), |value| Cow::Owned(value.to_string())),
        }
    }

    /// The method, when it is a text.
    pub(super) fn method(&self) -> Option<Cow<'a, str>> {
        text(self.method)
    }

    /// The name of the event, when it is one.
    pub(super) fn event(&self) -> Option<Cow<'a, str>> {
        text(self.event)
    }

    /// Whether it is an answer that says that all went well.
    pub(super) fn is_ok(&self) -> bool {
        self.ok.is_some_and(|ok| ok.get() == "true")
    }
}

fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let raw = raw?.get();
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
    }
}

/// Who a client says that it is, in its first message.
pub(super) fn client(message: &Message<'_>) -> Option<String> {
    let frame: Value = match message {
        Message::Frame(frame) => serde_json::from_str(frame).ok()?,
        Message::Text(text) => serde_json::from_str(text).ok()?,
        Message::Bytes(_) => return None,
    };
    named(&frame["params"]["client"])
}

/// The same of what was agreed with it.
pub(super) fn joined(agreed: &str) -> Option<String> {
    let agreed: Value = serde_json::from_str(agreed).ok()?;
    named(&agreed["client"])
}

fn named(client: &Value) -> Option<String> {
    let name = client["displayName"].as_str().or_else(|| client["id"].as_str())?;
    Some(match client["mode"].as_str() {
        Some(mode) if mode != name => format!("{name}, {mode}"),
        _ => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_whatever_the_rest_is() {
        let head = |frame: &'static str| {
            Head::read(frame).map(|head| (head.id().into_owned(), head.method(), head.event(), head.is_ok()))
        };
        let text = |text: &'static str| Some(Cow::Borrowed(text));
        for (frame, expected) in [
            ("{", None),
            ("7", Some(("\"invalid\"".to_owned(), None, None, false))),
            ("[1]", Some(("\"invalid\"".to_owned(), None, None, false))),
            ("{\"id\":null}", Some(("\"invalid\"".to_owned(), None, None, false))),
            (r#"{"id":"a","method":"m","params":{}}"#, Some(("\"a\"".to_owned(), text("m"), None, false))),
            (r#"{"id":"\u0061","ok":true}"#, Some(("\"a\"".to_owned(), None, None, true))),
            (r#"{"id":[1, 2],"method":3}"#, Some(("[1,2]".to_owned(), None, None, false))),
            (r#"{"event":"tick"}"#, Some(("\"invalid\"".to_owned(), None, text("tick"), false))),
        ] {
            assert_eq!(head(frame), expected, "{frame}");
        }
    }

    #[test]
    fn clients_are_named() {
        let named =
            |client: &str| client_of(&format!(r#"{{"method":"connect","params":{{"client":{client}}}}}"#));
        assert_eq!(named(r#"{"id":"cli","mode":"cli"}"#).as_deref(), Some("cli"));
        assert_eq!(
            named(r#"{"id":"x","displayName":"Attic","mode":"node"}"#).as_deref(),
            Some("Attic, node")
        );
        assert_eq!(named("{}"), None);
    }

    fn client_of(frame: &str) -> Option<String> {
        client(&Message::Frame(frame))
    }
}
