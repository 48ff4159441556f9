//! `gateway.reload.mode` in the configuration of the development profile: asked for, it is honoured.

use rustix::process::Signal;
use serde_json::json;

use crate::support::edits::Save;
use crate::support::harness::{self, Harness};
use crate::support::home::{Home, config_text};
use crate::support::process;
use crate::support::wire::{Credentials, Wire, agent_name};

fn start(home: &Home, mode: &str) -> Harness {
    let harness = harness::in_home(home).start().armed();
    let mark = harness.mark();
    // The mode counts for the edit that brings it.
    save(home, "first", mode, "");
    harness.wait_from(mark, "applied", |event| event.is("applied"));
    harness
}

fn save(home: &Home, agent: &str, mode: &str, gateway: &str) {
    let text = config_text(home, agent, "");
    let plain = "bind: \"loopback\"";
    assert!(text.contains(plain));
    let gateway = format!("{plain}, reload: {{ mode: '{mode}' }}, {gateway}");
    Save::Rename.write(&home.config(), &text.replace(plain, &gateway));
}

#[test]
fn hybrid_takes_over_in_place_what_it_can() {
    let home = Home::new();
    let harness = start(&home, "hybrid");
    let before = harness.health();
    let (mut client, _) = Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap();
    let mark = harness.mark();
    save(&home, "second", "hybrid", "");
    let applied = harness.wait_from(mark, "applied", |event| event.is("applied"));
    assert_eq!((applied.pid(), applied.generation()), (before.pid, before.generation));
    assert_eq!(applied.value["causes"][0]["keys"], json!(["agents.list"]), "{}", applied.value);
    assert_eq!(applied.value["waiting"], json!([]), "{}", applied.value);
    let agents = client.payload("agents.list", &json!({}));
    assert!(agents.to_string().contains("second"), "the client stays and sees the new value: {agents}");
    assert_eq!(harness.health(), before);

    let mark = harness.mark();
    save(&home, "third", "hybrid", "controlUi: { allowInsecureAuth: true }");
    let reloaded = harness.reloaded(mark);
    assert_ne!(reloaded.pid(), before.pid);
    assert_eq!(agent_name(harness.address()).unwrap(), "third");
}

#[test]
fn what_was_taken_over_survives_a_crash_and_an_edit_of_the_workspace() {
    let home = Home::new();
    let harness = start(&home, "hybrid");
    let mark = harness.mark();
    save(&home, "second", "hybrid", "");
    harness.wait_from(mark, "applied", |event| event.is("applied"));
    let mark = harness.mark();
    home.write("clawd-dev/AGENTS.md", "# edited\n");
    let edited = harness.reloaded(mark);
    assert_eq!(agent_name(harness.address()).unwrap(), "second");
    let mark = harness.mark();
    process::signal(edited.pid(), Signal::KILL);
    assert_eq!(harness.reloaded(mark).cause_kinds(), ["crash"]);
    assert_eq!(agent_name(harness.address()).unwrap(), "second");
}

#[test]
fn hot_holds_back_what_needs_a_restart() {
    let home = Home::new();
    let harness = start(&home, "hot");
    let before = harness.health();
    let mark = harness.mark();
    save(&home, "second", "hot", "controlUi: { allowInsecureAuth: true }");
    let applied = harness.wait_from(mark, "applied", |event| event.is("applied"));
    assert_eq!(applied.value["waiting"], json!(["gateway.controlUi"]), "{}", applied.value);
    assert_eq!(agent_name(harness.address()).unwrap(), "second");
    assert_eq!(harness.health().pid, before.pid);
    let mark = harness.mark();
    save(&home, "third", "hot", "");
    let applied = harness.wait_from(mark, "applied", |event| event.is("applied"));
    assert_eq!(applied.value["waiting"], json!([]), "nothing waits any more: {}", applied.value);
}
