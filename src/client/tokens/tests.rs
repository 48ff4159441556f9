use serde_json::json;

use super::*;

fn issued(token: &str) -> HelloAuth {
    HelloAuth {
        device_token: token.to_owned(),
        role: Role::Operator,
        scopes: vec!["operator.pairing".to_owned(), "operator.admin".to_owned()],
        issued_at_ms: Some(1),
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn tokens_are_kept_by_role_in_the_published_form() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("identity/device-auth.json");
    let store = TokenStore::new(state.path(), "d1");
    assert_eq!(store.get(Role::Operator), None);
    store.put(&issued("t1")).unwrap();
    assert_eq!(store.get(Role::Operator).as_deref(), Some("t1"));
    assert_eq!(store.get(Role::Node), None);
    let mut file = read(&path);
    assert!(file["tokens"]["operator"]["updatedAtMs"].take().is_u64());
    let expect = json!({
        "token": "t1", "role": "operator", "scopes": ["operator.admin", "operator.pairing"],
        "updatedAtMs": null,
    });
    assert_eq!(file, json!({ "version": 1, "deviceId": "d1", "tokens": { "operator": expect } }));
}

#[test]
fn what_else_is_in_the_file_survives() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("identity/device-auth.json");
    std::fs::create_dir(state.path().join("identity")).unwrap();
    let file = json!({ "version": 1, "deviceId": "d1", "tokens": { "node": { "token": "n" } }, "later": 1 });
    std::fs::write(&path, file.to_string()).unwrap();
    let store = TokenStore::new(state.path(), "d1");
    store.put(&issued("t1")).unwrap();
    store.forget(Role::Operator, "t1").unwrap();
    assert_eq!(read(&path), file);
}

#[test]
fn another_devices_tokens_do_not_count() {
    let state = tempfile::tempdir().unwrap();
    TokenStore::new(state.path(), "d1").put(&issued("t1")).unwrap();
    let store = TokenStore::new(state.path(), "d2");
    assert_eq!(store.get(Role::Operator), None);
    store.put(&issued("t2")).unwrap();
    assert_eq!(store.get(Role::Operator).as_deref(), Some("t2"));
}

#[test]
fn only_the_refused_token_is_forgotten() {
    let state = tempfile::tempdir().unwrap();
    let store = TokenStore::new(state.path(), "d1");
    store.put(&issued("newer")).unwrap();
    store.forget(Role::Operator, "refused").unwrap();
    assert_eq!(store.get(Role::Operator).as_deref(), Some("newer"));
    store.forget(Role::Operator, "newer").unwrap();
    assert_eq!(store.get(Role::Operator), None);
}

#[test]
fn a_file_that_cannot_be_read_is_empty() {
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir(state.path().join("identity")).unwrap();
    for content in ["", "[]", "{", r#"{"deviceId":"d1","tokens":[]}"#] {
        std::fs::write(state.path().join("identity/device-auth.json"), content).unwrap();
        assert_eq!(TokenStore::new(state.path(), "d1").get(Role::Operator), None, "{content}");
    }
}
