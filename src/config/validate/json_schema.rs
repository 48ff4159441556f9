//! The table of every key as a JSON Schema: of what a person writes (draft 2020-12, for editors), and of what it comes
//! to (draft-07, for clients that show a form).
//!
//! Both are made from the table that validation uses, so that they cannot differ. What a schema cannot say (how keys
//! depend on each other) is left out, never contradicted: what validation accepts, the schema accepts.

use serde_json::{Map, Value, json};

use super::describe::describe;
use super::kind::{Bound, Kind, Object, Range, TextRule};
use super::tables::ROOT;

/// Which text the schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What stands in the file: with references to variables, and includes.
    Written,
    /// What it comes to.
    Resolved,
}

/// The schema of a configuration file as it is written.
pub fn json_schema() -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "clawdbot.json",
        "description": "Configuration of a Clawdbot gateway.",
    });
    extend(&mut schema, Form::Written.object(&ROOT, ""));
    schema["$defs"] = definitions();
    schema
}

/// The schema of a configuration after variables and includes are filled in.
pub fn resolved_json_schema() -> Value {
    let mut schema =
        json!({ "$schema": "http://json-schema.org/draft-07/schema#", "title": "clawdbot.json" });
    extend(&mut schema, Form::Resolved.object(&ROOT, ""));
    schema
}

fn extend(schema: &mut Value, root: Value) {
    if let (Value::Object(schema), Value::Object(root)) = (schema, root) {
        schema.extend(root);
    }
}

fn definitions() -> Value {
    json!({
        "include": {
            "description": "Other files, merged into this object; relative to this file.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        },
        "included": {
            "description": "Another file in place of this value.",
            "type": "object",
            "properties": { "$include": { "$ref": "#/$defs/include" } },
            "required": ["$include"],
            "additionalProperties": false,
        },
        "reference": {
            "description": "A text with variables of the environment.",
            "type": "string",
            "pattern": "\\$\\{[A-Z_][A-Z0-9_]*\\}",
        },
    })
}

// === impl Form ===

impl Form {
    fn schema(self, kind: &Kind, path: &str) -> Value {
        match kind {
            Kind::Any => json!({}),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Text(rule) => self.text(*rule),
            Kind::Number(range) => number("number", *range),
            Kind::Integer(range) => number("integer", *range),
            Kind::Choice(choices) | Kind::Option(choices) => {
                self.or_reference(json!({ "type": "string", "enum": choices }))
            }
            Kind::Only(only) => self.or_reference(json!({ "type": "string", "const": only })),
            Kind::List(kind) => {
                let list = json!({ "type": "array", "items": self.schema(kind, &format!("{path}[]")) });
                match self {
                    Self::Written => json!({ "anyOf": [list, { "$ref": "#/$defs/included" }] }),
                    Self::Resolved => list,
                }
            }
            Kind::Map(kind) => {
                let rest = self.schema(kind, &format!("{path}.*"));
                let mut map = json!({ "type": "object", "additionalProperties": rest });
                if self == Self::Written {
                    map["properties"] = json!({ "$include": { "$ref": "#/$defs/include" } });
                }
                map
            }
            Kind::Object(inner) => self.object(inner, path),
            Kind::Either(kinds) => {
                json!({ "anyOf": kinds.iter().map(|kind| self.schema(kind, path)).collect::<Vec<_>>() })
            }
        }
    }

    fn object(self, object: &Object, path: &str) -> Value {
        let mut properties = Map::new();
        if self == Self::Written {
            properties.insert("$include".to_owned(), json!({ "$ref": "#/$defs/include" }));
        }
        for key in object.keys {
            let path = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            let mut property = self.schema(&key.kind, &path);
            if let Some(description) = describe(&path) {
                property["description"] = json!(description);
            }
            properties.insert(key.name.to_owned(), property);
        }
        let rest =
            object.rest.as_ref().map_or(Value::Bool(false), |kind| self.schema(kind, &format!("{path}.*")));
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": rest });
        let required: Vec<_> = object.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        if !required.is_empty() {
            match self {
                // An included file may bring them.
                Self::Written => {
                    schema["anyOf"] = json!([{ "required": required }, { "required": ["$include"] }]);
                }
                Self::Resolved => schema["required"] = json!(required),
            }
        }
        schema
    }

    fn text(self, rule: TextRule) -> Value {
        let constraint = match rule {
            TextRule::Free => return json!({ "type": "string" }),
            TextRule::NotEmpty => json!({ "type": "string", "minLength": 1 }),
            // The limit counts otherwise than JSON Schema, which never sees more characters.
            TextRule::AtMost(limit) => json!({ "type": "string", "maxLength": limit }),
            TextRule::Color => json!({ "type": "string", "pattern": "^#?[0-9A-Fa-f]{6}$" }),
            TextRule::Duration => {
                json!({ "type": "string", "pattern": r"^\s*([0-9]+(\.[0-9]+)?([mM][sS]|[sSmMhHdD])?)?\s*$" })
            }
            TextRule::StartTime => {
                json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })
            }
            TextRule::EndTime => {
                json!({ "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" })
            }
        };
        self.or_reference(constraint)
    }

    /// Variables are replaced before anything is checked.
    fn or_reference(self, schema: Value) -> Value {
        match self {
            Self::Written => json!({ "anyOf": [schema, { "$ref": "#/$defs/reference" }] }),
            Self::Resolved => schema,
        }
    }
}

fn number(kind: &str, range: Range) -> Value {
    let mut schema = json!({ "type": kind });
    match range.min {
        Some(Bound::AtLeast(min)) => schema["minimum"] = plain(min),
        Some(Bound::Above(min)) => schema["exclusiveMinimum"] = plain(min),
        None => {}
    }
    if let Some(max) = range.max {
        schema["maximum"] = plain(max);
    }
    schema
}

/// A bound without a needless `.0`.
fn plain(bound: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "bounds are small")]
    if bound.fract() == 0.0 { json!(bound as i64) } else { json!(bound) }
}

#[cfg(test)]
mod tests;
