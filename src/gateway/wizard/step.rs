//! One step, as clients show it. Pure.

use serde_json::{Map, Value, json};

/// What a client shows, and what it asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    kind: &'static str,
    title: Option<&'static str>,
    message: String,
    /// Value, label, and hint of each.
    options: Vec<(&'static str, &'static str, &'static str)>,
    initial: Option<Value>,
    is_sensitive: bool,
}

// === impl Step ===

impl Step {
    /// Something to read.
    pub(super) fn note(title: &'static str, message: impl Into<String>) -> Self {
        Self { title: Some(title), ..Self::new("note", message) }
    }

    /// Yes or no.
    pub(super) fn confirm(message: impl Into<String>, initial: bool) -> Self {
        Self { initial: Some(json!(initial)), ..Self::new("confirm", message) }
    }

    /// A text.
    pub(super) fn text(message: impl Into<String>, initial: &str) -> Self {
        Self { initial: Some(json!(initial)), ..Self::new("text", message) }
    }

    /// A text that nobody else may see.
    pub(super) fn secret(message: impl Into<String>) -> Self {
        Self { is_sensitive: true, ..Self::new("text", message) }
    }

    /// One of several values.
    pub(super) fn select(
        message: impl Into<String>,
        options: Vec<(&'static str, &'static str, &'static str)>,
        initial: &'static str,
    ) -> Self {
        Self { options, initial: Some(json!(initial)), ..Self::new("select", message) }
    }

    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            title: None,
            message: message.into(),
            options: Vec::new(),
            initial: None,
            is_sensitive: false,
        }
    }

    /// The values that may be chosen.
    pub(super) fn values(&self) -> Vec<&'static str> {
        self.options.iter().map(|(value, ..)| *value).collect()
    }

    /// As it goes over the wire.
    pub(crate) fn json(&self, id: &str) -> Value {
        let mut step = Map::new();
        step.insert("id".to_owned(), json!(id));
        step.insert("type".to_owned(), json!(self.kind));
        if let Some(title) = self.title {
            step.insert("title".to_owned(), json!(title));
        }
        step.insert("message".to_owned(), json!(self.message));
        if !self.options.is_empty() {
            let option = |&(value, label, hint): &(&str, &str, &str)| json!({ "value": value, "label": label, "hint": hint });
            step.insert("options".to_owned(), self.options.iter().map(option).collect());
        }
        if let Some(initial) = &self.initial {
            step.insert("initialValue".to_owned(), initial.clone());
        }
        if self.is_sensitive {
            step.insert("sensitive".to_owned(), json!(true));
        }
        step.insert("executor".to_owned(), json!("client"));
        Value::Object(step)
    }
}
