//! What a capsule is replayed against: another configuration, a gateway that runs, any command.

use serde_json::json;

use super::{assert_same, furnished, recorded, result};
use crate::support::gateway;
use crate::support::home::Home;
use crate::support::program::BINARY;

#[test]
fn another_configuration_is_found() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let config = capsule.path().join("home/.clawdbot/clawdbot.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(
        &config,
        text.replace("mode: 'local'", "mode: 'local', nodes: { denyCommands: ['system.which'] }"),
    )
    .unwrap();
    let (code, json) = result(&capsule, &[]);
    assert_eq!(code, Some(1), "{json:#}");
    let names: Vec<&str> =
        json["differences"].as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"node.list") && names.contains(&"node.invoke"), "{json:#}");
}

#[test]
fn a_gateway_that_runs_already_is_replayed_against() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let home = furnished();
    let gateway = gateway::in_home(&home).start();
    let url = format!("ws://{}", gateway.address());
    assert_same(&capsule, &["--against", &url]);
    // Now it has what it was sent the first time.
    let (code, _) = result(&capsule, &["--against", &url]);
    assert_eq!(code, Some(1));
    gateway.stop();
    let (code, json) = result(&capsule, &["--against", &url]);
    assert_eq!((code, &json["result"]), (Some(125), &json!("not run")), "{json:#}");
}

#[test]
fn any_command_is_replayed_against() {
    let directory = Home::new();
    let capsule = recorded(directory.path());
    let ours = format!("env -u CLAWDBOT_PROFILE {BINARY} gateway --port {{port}}");
    assert_same(&capsule, &["--exec", &ours, "--ready", "hello"]);
    // One that is configured otherwise by its command line.
    let other = format!("env -u CLAWDBOT_PROFILE {BINARY} gateway --port {{port}} --token another");
    let (code, json) = result(&capsule, &["--exec", &other, "--ready", "hello"]);
    assert_eq!(code, Some(1), "{json:#}");
    let first = &json["differences"][0];
    assert_eq!((&first["name"], &first["places"][0]["path"]), (&json!("connect"), &json!("ok")), "{json:#}");
}
