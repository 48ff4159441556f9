//! Comparison of two documents. Pure.

use serde_json::{Map, Value};

use super::ConfigSnapshot;

/// Stamped by programs that write the configuration; says nothing about how the gateway runs.
const META: &str = "meta";

/// The dotted paths that differ, in the order of `a`, then those that only `b` has.
///
/// Objects are compared key by key; a key that only one side has is reported itself; everything else, arrays
/// included, is compared whole. The empty path stands for the root, when a side is no object.
pub fn diff(a: &Value, b: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    compare(a, b, "", &mut paths);
    paths
}

/// What differs between two configurations as far as the gateway is concerned.
pub fn effective_changes(a: &ConfigSnapshot, b: &ConfigSnapshot) -> Vec<String> {
    let mut paths = diff(&a.resolved, &b.resolved);
    paths.retain(|path| path.split('.').next() != Some(META));
    paths
}

fn compare(a: &Value, b: &Value, path: &str, paths: &mut Vec<String>) {
    let (Value::Object(a), Value::Object(b)) = (a, b) else {
        if a != b {
            paths.push(path.to_owned());
        }
        return;
    };
    for (key, value) in a {
        match b.get(key) {
            // The text of the path is made only where something differs.
            Some(other) if value != other => compare(value, other, &child_path(path, key), paths),
            Some(_) => {}
            None => paths.push(child_path(path, key)),
        }
    }
    paths.extend(only_in(b, a).map(|key| child_path(path, key)));
}

fn only_in<'m>(
    map: &'m Map<String, Value>,
    other: &'m Map<String, Value>,
) -> impl Iterator<Item = &'m String> {
    map.keys().filter(|key| !other.contains_key(*key))
}

/// The dotted path of a member.
pub(super) fn child_path(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::Outcome;
    use super::*;

    #[track_caller]
    fn check(a: &Value, b: &Value, expect: &[&str]) {
        assert_eq!(diff(a, b), expect, "{a} → {b}");
    }

    #[test]
    fn objects_are_compared_by_key_and_arrays_whole() {
        check(&json!({}), &json!({}), &[]);
        check(&json!({"gateway": {"port": 1}}), &json!({"gateway": {"port": 2}}), &["gateway.port"]);
        check(
            &json!({"gateway": {}}),
            &json!({"gateway": {"controlUi": {"basePath": "/x"}}}),
            &["gateway.controlUi"],
        );
        check(&json!({"a": 1, "b": 2}), &json!({"b": 3, "c": 4}), &["a", "b", "c"]);
        let list = json!({"agents": {"list": [{"id": "a", "x": {"y": 1}}]}});
        check(&list, &list, &[]);
        check(&list, &json!({"agents": {"list": [{"id": "a", "x": {"y": 2}}]}}), &["agents.list"]);
        check(&json!({"a": {}}), &json!({"a": []}), &["a"]);
        check(&json!({"a": {"b": 1}}), &json!({"a": 1}), &["a"]);
        check(&json!(null), &json!({}), &[""]);
    }

    #[test]
    fn the_order_of_keys_is_no_change() {
        check(&json!({"a": 1, "b": {"c": 1, "d": 2}}), &json!({"b": {"d": 2, "c": 1}, "a": 1}), &[]);
    }

    #[test]
    fn meta_is_no_effective_change() {
        let snapshot = |resolved| ConfigSnapshot {
            path: PathBuf::from("/c.json"),
            raw: None,
            hash: String::new(),
            files: Vec::new(),
            parsed: Value::Null,
            resolved,
            outcome: Outcome::Valid,
            warnings: Vec::new(),
        };
        let a = snapshot(json!({"meta": {"lastTouchedAt": "1"}, "ui": {"seamColor": "a"}}));
        let b = snapshot(json!({"meta": {"lastTouchedAt": "2"}, "ui": {"seamColor": "b"}}));
        assert_eq!(effective_changes(&a, &b), ["ui.seamColor"]);
        let without = snapshot(json!({"ui": {"seamColor": "a"}}));
        assert!(effective_changes(&a, &without).is_empty());
    }

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (0..5_i64).prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from),
        ];
        let value = leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::btree_map("[a-d]", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        proptest::collection::btree_map("[a-d]", value, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    }

    fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
        path.split('.').try_fold(value, |value, key| value.get(key))
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(a in document()) {
            prop_assert!(diff(&a, &a.clone()).is_empty());
        }

        #[test]
        fn every_path_leads_to_a_difference(a in document(), b in document()) {
            let paths = diff(&a, &b);
            prop_assert_eq!(paths.is_empty(), a == b);
            for path in paths {
                prop_assert_ne!(find(&a, &path), find(&b, &path), "{}", path);
            }
        }
    }
}
