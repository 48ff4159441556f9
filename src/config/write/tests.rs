use std::fs;
use std::path::Path;

use serde_json::json;

use super::super::edit::{ConfigPath, Edit};
use super::*;
use crate::profile::EnvMap;

fn set(path: &str, value: serde_json::Value) -> Edit {
    Edit::Set { path: ConfigPath::parse(path).unwrap(), value }
}

fn unset(path: &str) -> Edit {
    Edit::Unset { path: ConfigPath::parse(path).unwrap() }
}

fn perform(path: &Path, edits: &[Edit]) -> Result<Written, WriteError> {
    let env = EnvMap::from([("TOKEN", "hidden")]);
    write(path, &env, None, |document| edited(document, edits, &env))
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_missing_file_is_made_and_the_next_write_keeps_the_last_one() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state/clawdbot.json");
    assert!(perform(&path, &[set("gateway.mode", json!("local"))]).unwrap().changed);
    let first = "{\n  \"gateway\": {\n    \"mode\": \"local\"\n  }\n}\n";
    assert_eq!(fs::read_to_string(&path).unwrap(), first);
    assert_eq!(names(&home.path().join("state")), ["clawdbot.json"]);

    assert!(perform(&path, &[set("gateway.port", json!(1))]).unwrap().changed);
    assert_eq!(fs::read_to_string(path.with_extension("json.bak")).unwrap(), first);
    assert_eq!(names(&home.path().join("state")), ["clawdbot.json", "clawdbot.json.bak"]);
    #[cfg(unix)]
    for (name, mode) in [("", 0o700), ("clawdbot.json", 0o600), ("clawdbot.json.bak", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        let found = fs::metadata(home.path().join("state").join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name:?}");
    }
}

#[test]
fn without_a_change_nothing_is_written() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, "{ gateway: { port: 0x10 } }").unwrap();
    assert!(!perform(&path, &[set("gateway.port", json!(16))]).unwrap().changed);
    assert_eq!(names(home.path()), ["clawdbot.json"]);
}

#[test]
fn an_invalid_result_is_refused_with_all_its_problems() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    let text = "{ gateway: { port: 1 } }";
    fs::write(&path, text).unwrap();
    let edits = [set("gateway.port", json!(70_000)), set("gateway.bind", json!("wan"))];
    let Err(WriteError::Invalid(issues)) = perform(&path, &edits) else { panic!("written") };
    assert_eq!(
        issues.iter().map(|issue| issue.path.as_str()).collect::<Vec<_>>(),
        ["gateway.port", "gateway.bind"]
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(names(home.path()), ["clawdbot.json"]);
}

#[test]
fn references_to_variables_stay_as_they_are_written() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, "{ gateway: { auth: { token: '${TOKEN}' } } }").unwrap();
    perform(&path, &[set("gateway.port", json!(1))]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "{ gateway: { auth: { token: '${TOKEN}' }, port: 1 } }");
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, "{}").unwrap();
    let env = EnvMap::default();
    let hash = super::super::load(&path, &env).hash;
    let text = || Ok("{ gateway: {} }".to_owned());
    assert!(write(&path, &env, Some(&hash), |_| text()).unwrap().changed);
    assert!(matches!(write(&path, &env, Some(&hash), |_| text()), Err(WriteError::Conflict)));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_stays() {
    let home = tempfile::tempdir().unwrap();
    let (path, real) = (home.path().join("clawdbot.json"), home.path().join("dotfiles/real.json5"));
    fs::create_dir(home.path().join("dotfiles")).unwrap();
    fs::write(&real, "{}").unwrap();
    std::os::unix::fs::symlink("dotfiles/real.json5", &path).unwrap();
    perform(&path, &[set("gateway.port", json!(1))]).unwrap();
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "{\n  \"gateway\": {\n    \"port\": 1\n  }\n}");
    assert_eq!(names(&home.path().join("dotfiles")), ["real.json5"]);
    assert_eq!(names(home.path()), ["clawdbot.json", "clawdbot.json.bak", "dotfiles"]);
}

#[test]
fn what_stands_in_an_included_file_is_refused_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    let text = "{ gateway: { $include: './more.json5', mode: 'local' } }";
    fs::write(&path, text).unwrap();
    fs::write(home.path().join("more.json5"), "{\n  port: 1,\n  trustedProxies: ['::1'],\n}").unwrap();
    for edit in
        [set("gateway.port", json!(2)), unset("gateway.port"), set("gateway.trustedProxies[0]", json!("x"))]
    {
        let Err(WriteError::Included { place, .. }) = perform(&path, &[edit]) else { panic!("written") };
        assert!(place.file.ends_with("more.json5"));
    }
    // What the main file says goes on, and new keys come beside the include.
    perform(&path, &[set("gateway.mode", json!("remote")), set("gateway.bind", json!("lan"))]).unwrap();
    let expected = "{ gateway: { $include: './more.json5', mode: 'remote', bind: 'lan' } }";
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    // Lists are joined, so that neither a part nor the whole of one can be set beside another.
    fs::write(&path, "{ gateway: { $include: './more.json5', trustedProxies: ['::2'] } }").unwrap();
    for edit in
        [set("gateway.trustedProxies", json!(["::3"])), set("gateway.trustedProxies[1]", json!("::3"))]
    {
        let found = perform(&path, &[edit]);
        assert!(matches!(found, Err(WriteError::Merged { .. } | WriteError::Edit(_))), "{found:?}");
    }
    // Replacing the section as a whole replaces the include.
    perform(&path, &[set("gateway", json!({ "mode": "local" }))]).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ gateway: { mode: 'local' } }");
}

#[test]
fn a_patch_that_an_included_file_says_already_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::write(&path, "{ gateway: { $include: './more.json5' } }").unwrap();
    fs::write(home.path().join("more.json5"), "{ port: 1 }").unwrap();
    let merge = |port: u16| [Edit::Merge(json!({ "gateway": { "port": port, "bind": null } }))];
    assert!(!perform(&path, &merge(1)).unwrap().changed);
    let text = "{ skills: { entries: { $include: './more.json5' } } }";
    fs::write(&path, text).unwrap();
    fs::write(home.path().join("more.json5"), "{ a: { enabled: true } }").unwrap();
    let merge = |on: bool| [Edit::Merge(json!({ "skills": { "entries": { "a": { "enabled": on } } } }))];
    assert!(!perform(&path, &merge(true)).unwrap().changed);
    assert!(perform(&path, &merge(false)).is_ok());
}

#[test]
fn what_cannot_be_read_is_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clawdbot.json");
    fs::create_dir(&path).unwrap();
    assert!(matches!(perform(&path, &[set("gateway.port", json!(1))]), Err(WriteError::Unreadable(_))));
    fs::remove_dir(&path).unwrap();
    for bytes in [&b"\xff\xfe"[..], b"{ gateway: {", b"{ a: 1, a: 2 }"] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(perform(&path, &[set("gateway.port", json!(1))]), Err(WriteError::Unreadable(_))));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, "// nothing yet\n").unwrap();
    perform(&path, &[set("gateway.port", json!(1))]).unwrap();
    let expected = "// nothing yet\n{\n  \"gateway\": {\n    \"port\": 1\n  }\n}\n";
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}
