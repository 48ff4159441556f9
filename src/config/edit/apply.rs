//! Edits of values: set, unset, merge.

use serde_json::{Map, Value};

use super::path::{ConfigPath, Segment};

/// A change to a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Gives a path a value; objects on the way are made.
    Set {
        /// Where.
        path: ConfigPath,
        /// The value.
        value: Value,
    },
    /// Removes what stands at a path.
    Unset {
        /// Where.
        path: ConfigPath,
    },
    /// A JSON merge patch (RFC 7396): objects are merged, `null` removes, everything else replaces.
    Merge(Value),
}

/// Why an edit has no meaning for a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is nothing at the path to remove. The text is the published program's.
    #[error("Config path not found: {0}")]
    NotFound(ConfigPath),
    /// A step on the way leads into something that has no such steps.
    #[error("Cannot set {path}: {parent} is {found}, not {wanted}")]
    WrongParent {
        /// The whole path.
        path: ConfigPath,
        /// What is not what the path takes it for.
        parent: String,
        /// What it is.
        found: &'static str,
        /// What it would have to be.
        wanted: &'static str,
    },
    /// An index that would leave a gap.
    #[error("Cannot set {path}: {parent} has {length} items, so the next index is [{length}]")]
    Gap {
        /// The whole path.
        path: ConfigPath,
        /// The array.
        parent: String,
        /// Its length.
        length: usize,
    },
}

/// What stands at a path.
pub fn lookup<'v>(document: &'v Value, path: &ConfigPath) -> Option<&'v Value> {
    path.segments().iter().try_fold(document, |value, segment| match value {
        Value::Object(members) => members.get(segment.as_key()?),
        Value::Array(items) => items.get(segment.as_index()?),
        _ => None,
    })
}

/// Performs an edit on a value. A document that an error is returned for may be half changed.
pub fn apply(document: &mut Value, edit: &Edit) -> Result<(), EditError> {
    match edit {
        Edit::Set { path, value } => set(document, path, value),
        Edit::Unset { path } => unset(document, path),
        Edit::Merge(patch) => {
            merge(document, patch);
            Ok(())
        }
    }
}

fn set(document: &mut Value, path: &ConfigPath, new: &Value) -> Result<(), EditError> {
    let mut place = document;
    for (depth, segment) in path.segments().iter().enumerate() {
        let parent = || if depth == 0 { "the document".to_owned() } else { path.prefix(depth) };
        if depth > 0 && place.is_null() {
            *place = match segment {
                Segment::Key(_) => Value::Object(Map::new()),
                Segment::Index(_) => Value::Array(Vec::new()),
            };
        }
        let found = kind(place);
        let wrong = |wanted| EditError::WrongParent { path: path.clone(), parent: parent(), found, wanted };
        place = match place {
            Value::Object(members) => {
                let key = segment.as_key().ok_or_else(|| wrong("an array"))?;
                members.entry(key).or_insert(Value::Null)
            }
            Value::Array(items) => {
                let index = segment.as_index().ok_or_else(|| wrong("an object"))?;
                let length = items.len();
                if index == length {
                    items.push(Value::Null);
                }
                items.get_mut(index).ok_or_else(|| EditError::Gap {
                    path: path.clone(),
                    parent: parent(),
                    length,
                })?
            }
            _ => {
                return Err(wrong(match segment {
                    Segment::Key(_) => "an object",
                    Segment::Index(_) => "an array",
                }));
            }
        };
    }
    *place = new.clone();
    Ok(())
}

fn unset(document: &mut Value, path: &ConfigPath) -> Result<(), EditError> {
    let not_found = || EditError::NotFound(path.clone());
    let (last, way) = path.segments().split_last().ok_or_else(not_found)?;
    let parent = way.iter().try_fold(document, |value, segment| match value {
        Value::Object(members) => members.get_mut(segment.as_key()?),
        Value::Array(items) => items.get_mut(segment.as_index()?),
        _ => None,
    });
    let removed = match parent {
        Some(Value::Object(members)) => last.as_key().and_then(|key| members.shift_remove(key)),
        Some(Value::Array(items)) => {
            last.as_index().filter(|index| *index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.map(|_| ()).ok_or_else(not_found)
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            members.shift_remove(key);
        } else {
            merge(members.entry(key.as_str()).or_insert(Value::Null), value);
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> ConfigPath {
        ConfigPath::parse(text).unwrap()
    }

    #[track_caller]
    fn check(mut document: Value, edit: &Edit, expected: Result<Value, &str>) {
        let found = apply(&mut document, edit).map(|()| document).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{edit:?}");
    }

    fn to(text: &str, value: Value) -> Edit {
        Edit::Set { path: path(text), value }
    }

    fn without(text: &str) -> Edit {
        Edit::Unset { path: path(text) }
    }

    #[test]
    fn setting_makes_what_is_missing_on_the_way() {
        check(json!({}), &to("a.b.c", json!(1)), Ok(json!({ "a": { "b": { "c": 1 } } })));
        check(json!({ "a": null }), &to("a.b", json!(1)), Ok(json!({ "a": { "b": 1 } })));
        check(json!({ "a": { "b": 1 } }), &to("a.b", json!([])), Ok(json!({ "a": { "b": [] } })));
        check(json!({}), &to("a[0].b", json!(1)), Ok(json!({ "a": [{ "b": 1 }] })));
        check(json!({ "a": [1] }), &to("a[1]", json!(2)), Ok(json!({ "a": [1, 2] })));
        check(json!({ "a": [1] }), &to("a.0", json!(2)), Ok(json!({ "a": [2] })));
    }

    #[test]
    fn what_cannot_be_set_says_why() {
        check(
            json!({ "a": { "b": 1 } }),
            &to("a.b.c", json!(1)),
            Err("Cannot set a.b.c: a.b is a number, not an object"),
        );
        check(
            json!({ "a": {} }),
            &to("a[0]", json!(1)),
            Err("Cannot set a[0]: a is an object, not an array"),
        );
        check(json!({ "a": [] }), &to("a.x", json!(1)), Err("Cannot set a.x: a is an array, not an object"));
        check(json!([]), &to("a", json!(1)), Err("Cannot set a: the document is an array, not an object"));
        check(
            json!({ "a": [1] }),
            &to("a[3]", json!(1)),
            Err("Cannot set a[3]: a has 1 items, so the next index is [1]"),
        );
    }

    #[test]
    fn unsetting_removes_one_thing() {
        check(json!({ "a": { "b": 1, "c": 2 } }), &without("a.b"), Ok(json!({ "a": { "c": 2 } })));
        check(json!({ "a": [1, 2, 3] }), &without("a[1]"), Ok(json!({ "a": [1, 3] })));
        for missing in ["x", "a.b", "a[3]", "a[0].b"] {
            check(
                json!({ "a": [1] }),
                &without(missing),
                Err(format!("Config path not found: {missing}").as_str()),
            );
        }
    }

    #[test]
    fn a_merge_patch_merges_objects_and_removes_nulls() {
        check(
            json!({ "a": { "b": 1, "c": 2 }, "d": [1], "e": 1 }),
            &Edit::Merge(
                json!({ "a": { "b": null, "x": { "y": null, "z": 1 } }, "d": [2], "e": { "f": 1 } }),
            ),
            Ok(json!({ "a": { "c": 2, "x": { "z": 1 } }, "d": [2], "e": { "f": 1 } })),
        );
    }

    #[test]
    fn looking_up_takes_the_same_steps() {
        let document = json!({ "a": [{ "b": 1 }], "0": 2 });
        for (text, expected) in [
            ("a[0].b", Some(1)),
            ("a.0.b", Some(1)),
            ("0", Some(2)),
            ("a[1]", None),
            ("a.b", None),
            ("[0]", None),
        ] {
            assert_eq!(lookup(&document, &path(text)).and_then(Value::as_i64), expected, "{text}");
        }
    }
}
