use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, soon, start, start_with};
use crate::gateway::Request;

const FILE: &str = r##"// Mine.
{
  gateway: {
    mode: "local", // keep
    auth: { mode: "token", token: "t0p-secret" },
    // password: "0ld-secret",
  },
  ui: { seamColor: "#112233" },
}
"##;

async fn written() -> (TestGateway, TestClient) {
    let gateway = start_with(json!({}), None, |state| {
        fs::write(state.join("clawdbot.json"), FILE).unwrap();
    })
    .await;
    let client = gateway.client(&["operator.admin"]).await;
    (gateway, client)
}

fn text(gateway: &TestGateway) -> String {
    fs::read_to_string(gateway.state.path().join("clawdbot.json")).unwrap()
}

async fn refused(client: &mut TestClient, method: &str, params: Value) -> Value {
    let response = client.request(method, params).await;
    assert_eq!(response["ok"], false, "{response}");
    response["error"].clone()
}

#[tokio::test]
async fn a_client_has_to_know_what_it_overwrites() {
    let (gateway, mut client) = written().await;
    let hash = client.call("config.get", json!({})).await["hash"].clone();
    for method in ["config.set", "config.apply", "config.patch"] {
        let error = refused(&mut client, method, json!({ "raw": "{}" })).await;
        assert_eq!(error["message"], "config base hash required; re-run config.get and retry");
        let error = refused(&mut client, method, json!({ "raw": "{}", "baseHash": "0" })).await;
        assert_eq!(error["message"], "config changed since last load; re-run config.get and retry");
        let error = refused(&mut client, method, json!({ "raw": "{ j", "baseHash": hash })).await;
        assert!(error["message"].as_str().unwrap().starts_with("SyntaxError: JSON5: "), "{error}");
        let wrong = json!({ "raw": "{ nope: 1 }", "baseHash": hash });
        let error = refused(&mut client, method, wrong).await;
        assert_eq!(
            (&error["code"], &error["message"]),
            (&json!("INVALID_REQUEST"), &json!("invalid config"))
        );
        let message = "Unrecognized key: \"nope\"";
        assert_eq!(error["details"]["issues"], json!([{ "path": "", "message": message }]));
    }
    let error = refused(&mut client, "config.patch", json!({ "raw": "[]", "baseHash": hash })).await;
    assert_eq!(error["message"], "config.patch raw must be an object");
    assert_eq!(text(&gateway), FILE);
}

#[tokio::test]
async fn a_patch_changes_what_it_says_and_nothing_else() {
    let (mut gateway, mut client) = written().await;
    let hash = client.call("config.get", json!({})).await["hash"].clone();
    let patch = json!({ "raw": r##"{ ui: { seamColor: "#445566" }, meta: null }"##, "baseHash": hash });
    let answer = client.call("config.patch", patch).await;
    assert_eq!(text(&gateway), FILE.replace("#112233", "#445566"));
    assert_eq!(answer["config"]["ui"]["seamColor"], "#445566");
    assert!(!answer.to_string().contains("t0p-secret"), "{answer}");
    assert_eq!(answer["restart"]["mode"], "none", "the colour needs no restart: {answer}");
    assert_eq!(answer["restart"]["delayMs"], 2000);
    let asked = soon(gateway.running.requested()).await;
    assert_eq!(asked, Request::ApplyConfig { after: Duration::from_secs(2) });

    let hash = client.call("config.get", json!({})).await["hash"].clone();
    let patch = json!({ "raw": "{ gateway: { port: 7 } }", "baseHash": hash, "restartDelayMs": 70_000 });
    let answer = client.call("config.patch", patch).await;
    assert_eq!((&answer["restart"]["mode"], &answer["restart"]["delayMs"]), (&json!("emit"), &json!(60_000)));
}

#[tokio::test]
async fn what_a_client_read_it_can_write_back_without_knowing_the_secrets() {
    let (gateway, mut client) = written().await;
    let got = client.call("config.get", json!({})).await;
    let raw = got["raw"].as_str().unwrap();
    assert!(!raw.contains("t0p-secret") && !raw.contains("0ld-secret"), "{raw}");
    client.call("config.set", json!({ "raw": raw, "baseHash": got["hash"] })).await;
    assert_eq!(text(&gateway), FILE, "nothing changed");

    let edited = raw.replace("#112233", "#445566");
    client.call("config.set", json!({ "raw": edited, "baseHash": got["hash"] })).await;
    assert_eq!(text(&gateway), FILE.replace("#112233", "#445566"));
    let form = json!({ "gateway": got["config"]["gateway"], "ui": { "seamColor": "#abcdef" } });
    let hash = client.call("config.get", json!({})).await["hash"].clone();
    client.call("config.apply", json!({ "raw": form.to_string(), "baseHash": hash })).await;
    let now: Value = serde_json::from_str(&text(&gateway)).unwrap();
    assert_eq!(now["gateway"]["auth"]["token"], "t0p-secret");
    assert_eq!(now["ui"]["seamColor"], "#abcdef");
}

#[tokio::test]
async fn a_fresh_configuration_needs_no_base() {
    let gateway = start(json!({})).await;
    fs::remove_file(gateway.state.path().join("clawdbot.json")).unwrap();
    let mut client = gateway.client(&["operator.admin"]).await;
    client.call("config.set", json!({ "raw": "{ ui: { seamColor: '#112233' } }" })).await;
    assert_eq!(text(&gateway), "{ ui: { seamColor: '#112233' } }");
    let error = refused(
        &mut client,
        "config.set",
        json!({ "raw": "{ gateway: { auth: { token: '__redacted__' } } }", "baseHash": client_hash(&gateway) }),
    )
    .await;
    assert_eq!(error["details"]["issues"][0]["path"], "gateway.auth.token", "{error}");
}

fn client_hash(gateway: &TestGateway) -> String {
    crate::config::load(&gateway.state.path().join("clawdbot.json"), &crate::profile::EnvMap::default()).hash
}
