//! Reading known members out of an object and keeping the rest, so that what another version wrote survives.
//!
//! A member of the wrong type counts as unknown: it stays where it is and is written back as it was.

use serde_json::{Map, Value};

/// Removes and returns a text member.
pub(super) fn take_text(object: &mut Map<String, Value>, name: &str) -> Option<String> {
    take(object, name, |value| value.as_str().map(str::to_owned))
}

/// Removes and returns a member that is a whole number of milliseconds.
pub(super) fn take_ms(object: &mut Map<String, Value>, name: &str) -> Option<u64> {
    take(object, name, Value::as_u64)
}

/// Removes and returns a truth value.
pub(super) fn take_bool(object: &mut Map<String, Value>, name: &str) -> Option<bool> {
    take(object, name, Value::as_bool)
}

/// Removes and returns a list of texts; absent is an empty list.
pub(super) fn take_texts(object: &mut Map<String, Value>, name: &str) -> Vec<String> {
    let texts = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    take(object, name, texts).unwrap_or_default()
}

/// Removes and returns an object member.
pub(super) fn take_object(object: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    take(object, name, |value| value.as_object().cloned())
}

/// Writes a member unless it is absent.
pub(super) fn put(object: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// Adds the members that were not understood when the record was read.
pub(super) fn put_rest(object: &mut Map<String, Value>, rest: &Map<String, Value>) {
    for (name, value) in rest {
        if !object.contains_key(name) {
            object.insert(name.clone(), value.clone());
        }
    }
}

fn take<T>(object: &mut Map<String, Value>, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
    let found = object.get(name).and_then(read)?;
    // `shift_remove` keeps the order of what stays.
    object.shift_remove(name);
    Some(found)
}
