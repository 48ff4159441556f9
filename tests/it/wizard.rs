//! A client sets a gateway up over RPC, under the harness.

use serde_json::{Value, json};

use crate::support::harness;
use crate::support::home::Home;
use crate::support::wire::{Credentials, Wire};

#[test]
fn what_the_wizard_writes_is_served_and_the_wizard_is_over() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let (mut client, _) = Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap();
    let mut told = client.payload("wizard.start", &json!({}));
    let session = told["sessionId"].clone();
    let mark = harness.mark();
    for value in
        [json!(null), json!(null), json!(true), json!(""), json!("loopback"), json!("token"), json!(true)]
    {
        // The port is the one that the harness was given.
        let value = if value == "" { told["step"]["initialValue"].clone() } else { value };
        let answer = json!({ "stepId": told["step"]["id"], "value": value });
        told = client.payload("wizard.next", &json!({ "sessionId": session, "answer": answer }));
    }
    assert_eq!(told, json!({ "done": true, "status": "done" }));
    harness.reloaded(mark);
    let text = home.read(".clawdbot-dev/clawdbot.json");
    assert!(text.contains("token"), "{text}");

    let again: Value = json!({ "sessionId": session });
    let token = Credentials::Token(configured_token(&text));
    let (mut client, _) = Wire::hello(harness.address(), &token).unwrap();
    let gone = client.call("wizard.status", &again).unwrap();
    assert_eq!(gone["error"]["message"], "wizard not found", "{gone}");
}

/// The token that a configuration holds.
fn configured_token(text: &str) -> String {
    let after = text.split("token").last().unwrap_or_default();
    after.chars().skip_while(|c| !c.is_ascii_hexdigit()).take_while(char::is_ascii_hexdigit).collect()
}
