//! The validator. Order and wording of what it finds follow the published gateway.

use std::collections::HashSet;

use serde_json::{Map, Number, Value, json};

use super::schema::{Field, Schema};
use crate::protocol::error::RpcError;

/// More findings than this are counted, not listed: a frame can hold a hundred thousand unknown members, and
/// the answer goes to somebody who has not authenticated yet.
const LISTED: usize = 64;

/// Everything that is wrong with a value; at least one finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    parts: Vec<String>,
    seen: HashSet<String>,
    unlisted: usize,
    allowed: Map<String, Value>,
}

/// Checks `value` against `schema`.
pub fn validate(schema: &Schema, value: &Value) -> Result<(), Box<Violations>> {
    let mut found = Violations::default();
    check(schema, value, "", &mut found);
    if found.parts.is_empty() { Ok(()) } else { Err(Box::new(found)) }
}

impl Violations {
    /// All findings in one line.
    pub fn text(&self) -> String {
        let listed = self.parts.join("; ");
        if self.unlisted == 0 { listed } else { format!("{listed}; and {} more", self.unlisted) }
    }

    /// `INVALID_REQUEST` with the message `invalid SUBJECT: FINDINGS`. Where a value was not one of the legal
    /// ones, the details list them: `{"allowed": {"/client/id": […]}}`.
    pub fn into_error(self, subject: &str) -> RpcError {
        let error = RpcError::invalid(format!("invalid {subject}: {}", self.text()));
        if self.allowed.is_empty() { error } else { error.with_details(json!({ "allowed": self.allowed })) }
    }

    fn add(&mut self, path: &str, message: &str) {
        let part = if path.is_empty() { message.to_owned() } else { format!("at {path}: {message}") };
        if self.parts.len() < LISTED {
            if self.seen.insert(part.clone()) {
                self.parts.push(part);
            }
        } else if !self.seen.contains(&part) {
            self.unlisted += 1;
        }
    }
}

fn check(schema: &Schema, value: &Value, path: &str, found: &mut Violations) {
    match *schema {
        Schema::Any => {}
        Schema::Text { min, max } => match value {
            Value::String(text) => check_length(text, min, max, path, found),
            _ => found.add(path, "must be string"),
        },
        Schema::Integer { min, max } => match value {
            Value::Number(number) if is_integer(number) => check_range(number, min, max, path, found),
            _ => found.add(path, "must be integer"),
        },
        Schema::Boolean => {
            if !value.is_boolean() {
                found.add(path, "must be boolean");
            }
        }
        Schema::Constant(text) => {
            if value != text {
                check_constant(value, path, found);
            }
        }
        Schema::Number(number) => {
            if !value.is_number() {
                found.add(path, "must be number");
            }
            if value.as_f64() != Some(f64::from(number)) {
                found.add(path, "must be equal to constant");
            }
        }
        Schema::OneOf(texts) => {
            if !value.as_str().is_some_and(|given| texts.contains(&given)) {
                check_constant(value, path, found);
                found.add(path, "must match a schema in anyOf");
                found.allowed.insert(path.to_owned(), json!(texts));
            }
        }
        Schema::AnyOf(branches) => check_any(branches, value, path, found),
        Schema::Nullable(inner) => check_nullable(inner, value, path, found),
        Schema::Array(inner) => check_array(inner, value, path, found),
        Schema::Items { of, min, max } => {
            let count = value.as_array().map(Vec::len);
            if count.is_some_and(|count| count < min) {
                found.add(path, &format!("must NOT have fewer than {min} items"));
            }
            if count.is_some_and(|count| count > max) {
                found.add(path, &format!("must NOT have more than {max} items"));
            }
            check_array(of, value, path, found);
        }
        Schema::Map(inner) => match value {
            Value::Object(members) => {
                for (name, member) in members {
                    check(inner, member, &below(path, name), found);
                }
            }
            _ => found.add(path, "must be object"),
        },
        Schema::Object(fields) => match value {
            Value::Object(members) => check_object(fields, members, path, found),
            _ => found.add(path, "must be object"),
        },
    }
}

fn check_array(inner: &Schema, value: &Value, path: &str, found: &mut Violations) {
    let Value::Array(items) = value else {
        return found.add(path, "must be array");
    };
    for (index, item) in items.iter().enumerate() {
        check(inner, item, &format!("{path}/{index}"), found);
    }
}

fn check_object(fields: &[Field], members: &Map<String, Value>, path: &str, found: &mut Violations) {
    for field in fields {
        if field.required && !members.contains_key(field.name) {
            found.add(path, &format!("must have required property '{}'", field.name));
        }
    }
    for name in members.keys() {
        if !fields.iter().any(|field| field.name == name) {
            let place = if path.is_empty() { "root" } else { path };
            found.add(place, &format!("unexpected property '{name}'"));
        }
    }
    for field in fields {
        if let Some(member) = members.get(field.name) {
            check(&field.schema, member, &below(path, field.name), found);
        }
    }
}

fn check_constant(value: &Value, path: &str, found: &mut Violations) {
    if !value.is_string() {
        found.add(path, "must be string");
    }
    found.add(path, "must be equal to constant");
}

/// A union reports what every branch has to say.
fn check_any(branches: &[Schema], value: &Value, path: &str, found: &mut Violations) {
    if branches.iter().any(|branch| validate(branch, value).is_ok()) {
        return;
    }
    for branch in branches {
        check(branch, value, path, found);
    }
    found.add(path, "must match a schema in anyOf");
}

/// A union with `null` reports what every branch has to say; a union inside it belongs to the same union.
fn check_nullable(inner: &Schema, value: &Value, path: &str, found: &mut Violations) {
    if value.is_null() {
        return;
    }
    if let Schema::OneOf(texts) = *inner {
        if value.as_str().is_some_and(|given| texts.contains(&given)) {
            return;
        }
        check_constant(value, path, found);
        found.allowed.insert(path.to_owned(), json!(texts));
    } else {
        if validate(inner, value).is_ok() {
            return;
        }
        check(inner, value, path, found);
    }
    found.add(path, "must be null");
    found.add(path, "must match a schema in anyOf");
}

fn check_length(text: &str, min: usize, max: Option<usize>, path: &str, found: &mut Violations) {
    let length = text.chars().count();
    if let Some(max) = max
        && length > max
    {
        found.add(path, &format!("must NOT have more than {max} characters"));
    }
    if length < min {
        found.add(path, &format!("must NOT have fewer than {min} characters"));
    }
}

fn check_range(number: &Number, min: u32, max: Option<u32>, path: &str, found: &mut Violations) {
    let value = number.as_f64().unwrap_or(f64::INFINITY);
    if let Some(max) = max
        && value > f64::from(max)
    {
        found.add(path, &format!("must be <= {max}"));
    }
    if value < f64::from(min) {
        found.add(path, &format!("must be >= {min}"));
    }
}

fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}

/// The JSON pointer of a member.
fn below(path: &str, name: &str) -> String {
    if name.contains(['~', '/']) {
        format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
    } else {
        format!("{path}/{name}")
    }
}
