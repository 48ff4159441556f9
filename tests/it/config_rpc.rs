//! A client changes the configuration of a gateway under the harness.

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::wire::{Credentials, Wire};

fn patch(client: &mut Wire, raw: &str) -> Value {
    let hash = client.payload("config.get", &json!({}))["hash"].clone();
    client.payload("config.patch", &json!({ "raw": raw, "baseHash": hash, "restartDelayMs": 0 }))
}

#[test]
fn a_patch_counts_even_when_edits_do_not_and_restarts_once() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let text = config_text(&home, "first", "// Mine.");
    let off = text.replace("bind: \"loopback\"", "bind: \"loopback\", reload: { mode: 'off' }");
    let mark = harness.mark();
    Save::Rename.write(&home.config(), &off);
    harness.wait_from(mark, "ignored", |event| event.is("ignored"));

    let credentials = Credentials::Token("any".to_owned());
    let (mut client, _) = Wire::hello(harness.address(), &credentials).unwrap();
    let mark = harness.mark();
    let answer = patch(&mut client, "{ gateway: { controlUi: { allowInsecureAuth: true } } }");
    assert_eq!(answer["restart"]["mode"], "emit", "{answer}");
    let reloaded = harness.reloaded(mark);
    assert_eq!(reloaded.cause_kinds(), ["config"], "{}", reloaded.value);
    let kept = home.read(".clawdbot-dev/clawdbot.json");
    assert!(kept.contains("// Mine.") && kept.contains("allowInsecureAuth"), "{kept}");

    let (mut client, _) = Wire::hello(harness.address(), &credentials).unwrap();
    let mark = harness.mark();
    let answer = patch(&mut client, "{ gateway: { controlUi: { allowInsecureAuth: true } } }");
    assert_eq!(answer["restart"]["mode"], "none", "it says that already: {answer}");
    harness.assert_quiet(mark, "a patch that changes nothing");
    assert_eq!(harness.starts(mark), 0);
}
