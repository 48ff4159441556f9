//! What a form needs beside the schema: names and order of the sections, what keys mean, which values are secret.
//!
//! Made from the table of every key, as the schema is.

use serde_json::{Map, Value, json};

use super::super::secret::is_secret_key;
use super::describe::describe;
use super::kind::{Kind, Object};
use super::tables::ROOT;

/// Hints by dotted path; `*` stands for any key and any item.
pub fn ui_hints() -> Value {
    let mut hints = Map::new();
    for (order, key) in ROOT.keys.iter().enumerate() {
        hints.insert(key.name.to_owned(), json!({ "label": label(key.name), "order": order }));
    }
    object(&ROOT, "", &mut hints);
    Value::Object(hints)
}

fn object(object: &Object, path: &str, hints: &mut Map<String, Value>) {
    for key in object.keys {
        let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        // Descriptions mark the items of a list by `[]`.
        if let Some(help) = describe(&path.replace(".*", "[]")).or_else(|| describe(&path)) {
            hint(hints, &path, "help", help.into());
        }
        if is_secret_key(key.name) && holds_text(&key.kind) {
            hint(hints, &path, "sensitive", true.into());
        }
        below(&key.kind, &path, hints);
    }
    if let Some(kind) = &object.rest {
        below(kind, &format!("{path}.*"), hints);
    }
}

fn below(kind: &Kind, path: &str, hints: &mut Map<String, Value>) {
    match kind {
        Kind::Object(inner) => object(inner, path, hints),
        Kind::List(kind) | Kind::Map(kind) => below(kind, &format!("{path}.*"), hints),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| below(kind, path, hints)),
        Kind::Any
        | Kind::Flag
        | Kind::Text(_)
        | Kind::Number(_)
        | Kind::Integer(_)
        | Kind::Choice(_)
        | Kind::Option(_)
        | Kind::Only(_) => {}
    }
}

fn hint(hints: &mut Map<String, Value>, path: &str, name: &str, value: Value) {
    let known = hints.entry(path.to_owned()).or_insert_with(|| json!({}));
    known[name] = value;
}

fn holds_text(kind: &Kind) -> bool {
    match kind {
        Kind::Text(_) | Kind::Any => true,
        Kind::Either(kinds) => kinds.iter().any(holds_text),
        Kind::List(kind) | Kind::Map(kind) => holds_text(kind),
        _ => false,
    }
}

/// `nodeHost` → `Node host`.
fn label(name: &str) -> String {
    let mut label = String::new();
    for letter in name.chars() {
        match letter {
            _ if label.is_empty() => label.extend(letter.to_uppercase()),
            _ if letter.is_uppercase() => {
                label.push(' ');
                label.extend(letter.to_lowercase());
            }
            _ => label.push(letter),
        }
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_marked_and_counts_are_not() {
        let hints = ui_hints();
        for path in
            ["gateway.auth.token", "gateway.remote.password", "skills.entries.*.apiKey", "hooks.token"]
        {
            assert_eq!(hints[path]["sensitive"], true, "{path}");
        }
        let marked = |path: &str| hints[path]["sensitive"] == true;
        assert!(!marked("gateway.port") && !marked("agents.defaults.contextTokens"));
        assert_eq!(hints["nodeHost"]["label"], "Node host");
        assert_eq!(hints["gateway.port"]["help"], describe("gateway.port").unwrap());
    }
}
