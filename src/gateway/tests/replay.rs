use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Received, TestClient, listener, params, soon, standby, start};
use crate::gateway::events::{EventFrame, EventName};

const GRACE: Duration = Duration::from_secs(5);

/// Parameters of a client that asks, and says where it was.
fn asking(replay: Option<Value>) -> Value {
    let mut params = params("operator", &["operator.admin"]);
    params["caps"] = json!(["replay"]);
    if let Some(replay) = replay {
        params["replay"] = replay;
    }
    params
}

async fn connect(address: SocketAddr, replay: Option<Value>) -> (TestClient, Value) {
    let mut client = TestClient::open(address).await;
    let hello = client.hello(asking(replay)).await;
    (client, hello["replay"].clone())
}

/// The next event about wake words: its number and the first of them.
async fn woken(client: &mut TestClient) -> (Option<u64>, String) {
    let event = client.event("voicewake.changed").await;
    (event["seq"].as_u64(), event["payload"]["triggers"][0].as_str().unwrap().to_owned())
}

async fn wake(client: &mut TestClient, word: &str) {
    client.call("voicewake.set", json!({ "triggers": [word] })).await;
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let gateway = start(json!({})).await;
    let mut other = gateway.client(&["operator.admin"]).await;
    let (mut client, replay) = connect(gateway.address, None).await;
    let token = replay["token"].as_str().unwrap();
    assert_eq!(replay, json!({ "token": token, "resumed": false, "seq": 0, "replayed": 0 }));
    assert_eq!(client.event("health").await.get("seq"), None, "the newest counts, so it is not replayed");
    wake(&mut other, "one").await;
    assert_eq!(woken(&mut client).await, (Some(1), "one".to_owned()));
    drop(client);
    wake(&mut other, "two").await;
    wake(&mut other, "three").await;

    let (mut client, replay) = connect(gateway.address, Some(json!({ "token": token, "seq": 1 }))).await;
    assert_eq!(replay, json!({ "token": token, "resumed": true, "seq": 1, "replayed": 2 }));
    assert_eq!(woken(&mut client).await, (Some(2), "two".to_owned()));
    assert_eq!(woken(&mut client).await, (Some(3), "three".to_owned()));
    wake(&mut other, "four").await;
    assert_eq!(woken(&mut client).await, (Some(4), "four".to_owned()));

    // The gateway does not know yet that the connection is gone, and the last event never arrived.
    let (mut again, replay) = connect(gateway.address, Some(json!({ "token": token, "seq": 3 }))).await;
    assert_eq!(replay["replayed"], 1);
    assert_eq!(woken(&mut again).await, (Some(4), "four".to_owned()));
    assert_eq!(client.closed().await, (1008, "resumed by another connection".to_owned()));
    wake(&mut other, "five").await;
    assert_eq!(woken(&mut again).await, (Some(5), "five".to_owned()));
}

#[tokio::test]
async fn who_does_not_ask_sees_nothing_of_it() {
    let gateway = start(json!({})).await;
    let (mut asking, _) = connect(gateway.address, None).await;
    let mut client = gateway.open().await;
    let hello = client.hello(params("operator", &["operator.admin"])).await;
    assert_eq!(hello.get("replay"), None);
    wake(&mut asking, "one").await;
    // Every event has a number for it, and the numbers have no gap.
    let mut seqs = Vec::new();
    loop {
        let Received::Frame(frame) = client.receive().await else { panic!("closed") };
        seqs.push(frame["seq"].as_u64().unwrap());
        if frame["event"] == "voicewake.changed" {
            break;
        }
    }
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
}

#[tokio::test]
async fn the_next_generation_goes_on() {
    let state = tempfile::tempdir().unwrap();
    let shared = listener();
    let address = shared.local_addr().unwrap();
    let file = state.path().join("gateway-replay.json");
    let mut old = standby(state.path(), shared.try_clone().unwrap(), 1, None).await.activate().await.unwrap();
    let (mut gone, replay) = connect(address, None).await;
    let (mut there, other) = connect(address, None).await;
    let (token, other) = (replay["token"].as_str().unwrap(), other["token"].as_str().unwrap());
    wake(&mut there, "one").await;
    assert_eq!(woken(&mut gone).await.0, Some(1));
    drop(gone);
    wake(&mut there, "two").await;

    let next = standby(state.path(), shared, 2, None).await;
    old.quiesce().await;
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(!written.contains(token) && !written.contains(other), "tokens on the disk: {written}");
    // What still happens here is nothing that the next generation knows of: told, and not numbered.
    let late = json!({ "triggers": ["late"] });
    old.gateway.clients.broadcast(&EventFrame::new(EventName::VoicewakeChanged, &late, None));
    let next = next.activate().await.unwrap();
    assert!(!file.exists());
    let told = async {
        // The others came before the answers to the requests that made them.
        assert_eq!(woken(&mut there).await, (None, "late".to_owned()));
        assert_eq!(there.event("shutdown").await.get("seq"), None);
        assert_eq!(there.closed().await.0, 1012);
        there.receive().await;
    };
    soon(async { tokio::join!(old.goodbye(Some(1), GRACE), told) }).await;

    let (mut gone, replay) = connect(address, Some(json!({ "token": token, "seq": 1 }))).await;
    assert_eq!(replay["resumed"], true);
    assert_eq!(woken(&mut gone).await, (Some(2), "two".to_owned()));
    let (mut there, replay) = connect(address, Some(json!({ "token": other, "seq": 2 }))).await;
    assert_eq!(replay["replayed"], 0);
    wake(&mut there, "three").await;
    assert_eq!(woken(&mut gone).await, (Some(3), "three".to_owned()));
    next.goodbye(None, Duration::from_millis(10)).await;
}

#[tokio::test]
async fn what_the_generation_before_left_need_not_be_usable() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("gateway-replay.json");
    for content in ["{ half", r#"{"version":1}"#, r#"{"version":99,"head":0,"events":[],"streams":[]}"#] {
        std::fs::write(&file, content).unwrap();
        let running = standby(state.path(), listener(), 1, None).await.activate().await.unwrap();
        assert!(!file.exists(), "{content}");
        running.goodbye(None, Duration::from_millis(10)).await;
        assert!(!file.exists(), "nobody asked");
    }
    let names = std::fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let aside = names.filter(|name| name.to_string_lossy().starts_with("gateway-replay.json.corrupt-"));
    assert_eq!(aside.count(), 1, "what is no JSON is moved aside");
}
