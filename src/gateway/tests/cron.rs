//! Jobs of a gateway whose clock jumps, whose file cannot be written, and whose run takes its time.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, soon, start, start_with};
use crate::platform::clock::test::set_days;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn job(name: &str, every_ms: u64) -> Value {
    json!({
        "name": name, "schedule": { "kind": "every", "everyMs": every_ms }, "sessionTarget": "main",
        "wakeMode": "next-heartbeat", "payload": { "kind": "systemEvent", "text": name },
    })
}

/// Has the timer look at the clock, which the system would do.
fn clock_was_set(gateway: &TestGateway) {
    let cron = &gateway.running.gateway.cron;
    cron.reconfigure(cron.wanted());
}

async fn finished(client: &mut TestClient) -> Value {
    client.frame(|frame| frame["event"] == "cron" && frame["payload"]["action"] == "finished").await
}

async fn state_of(client: &mut TestClient, id: &Value) -> Value {
    let list = client.call("cron.list", json!({})).await;
    let jobs = list["jobs"].as_array().unwrap();
    jobs.iter().find(|job| job["id"] == *id).unwrap()["state"].clone()
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_and_back() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let id = client.call("cron.add", job("daily", DAY_MS)).await["id"].clone();

    set_days(30);
    clock_was_set(&gateway);
    let told = finished(&mut client).await["payload"].clone();
    let ran_ms = told["runAtMs"].as_u64().unwrap();
    assert_eq!(told["nextRunAtMs"].as_u64(), Some(ran_ms + DAY_MS), "once for all that was missed: {told}");

    // A month back: nobody waits a month.
    set_days(0);
    clock_was_set(&gateway);
    let next = async {
        loop {
            let next_ms = state_of(&mut client, &id).await["nextRunAtMs"].as_u64().unwrap();
            if next_ms < ran_ms {
                return next_ms;
            }
            tokio::task::yield_now().await;
        }
    };
    let next_ms = soon(next).await;
    let now_ms = gateway.running.gateway.now_ms();
    assert!(next_ms > now_ms && next_ms <= now_ms + DAY_MS, "{next_ms} {now_ms}");
    let runs = client.call("cron.runs", json!({ "id": id })).await;
    assert_eq!(runs["entries"].as_array().unwrap().len(), 1, "{runs}");
    gateway.running.goodbye(None, Duration::from_millis(100)).await;
}

#[tokio::test]
async fn nothing_waits_for_a_run_but_the_next_run() {
    let gateway = start(json!({})).await;
    let mut client = gateway.client(&[]).await;
    let mut other = gateway.client(&[]).await;
    let id = client.call("cron.add", job("hourly", DAY_MS)).await["id"].clone();
    let under_way = gateway.running.gateway.cron.running.lock().await;
    let params = json!({ "id": id, "mode": "force" });
    let run = json!({ "type": "req", "id": "run", "method": "cron.run", "params": params });
    client.send(run.to_string()).await;
    assert_eq!(other.call("cron.list", json!({})).await["jobs"][0]["id"], id);
    other.call("cron.update", json!({ "id": id, "patch": { "name": "other" } })).await;
    let second = other.call("cron.add", job("second", DAY_MS)).await["id"].clone();
    assert_eq!(other.call("cron.remove", json!({ "id": second })).await["removed"], true);
    assert_eq!(other.call("cron.status", json!({})).await["jobs"], 1);
    drop(under_way);
    let ran = client.frame(|frame| frame["id"] == "run").await;
    assert_eq!(ran["payload"], json!({ "ok": true, "ran": true }), "{ran}");
    gateway.running.goodbye(None, Duration::from_millis(100)).await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_so() {
    let gateway = start_with(json!({}), None, |state| {
        // No directory.
        std::fs::write(state.join("cron"), "in the way").unwrap();
    })
    .await;
    let mut client = gateway.client(&[]).await;
    let refused = client.request("cron.add", job("lost", DAY_MS)).await;
    assert_eq!(refused["error"]["code"], "UNAVAILABLE", "{refused}");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("cron") && message.contains("jobs.json"), "{message}");
    gateway.running.goodbye(None, Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_told_and_not_repeated() {
    let gateway = start_with(json!({}), None, |state| {
        let file = json!({ "version": 1, "jobs": [{
            "id": "cut", "name": "cut", "enabled": true, "sessionTarget": "main", "wakeMode": "next-heartbeat",
            "schedule": { "kind": "at", "atMs": 5000 }, "payload": { "kind": "systemEvent", "text": "x" },
            "state": { "nextRunAtMs": 5000, "runningAtMs": 6000 },
        }] });
        std::fs::create_dir(state.join("cron")).unwrap();
        std::fs::write(state.join("cron/jobs.json"), file.to_string()).unwrap();
    })
    .await;
    let mut client = gateway.client(&[]).await;
    let state = async {
        loop {
            let state = state_of(&mut client, &json!("cut")).await;
            if state["lastStatus"].is_string() {
                return state;
            }
            tokio::task::yield_now().await;
        }
    };
    let state = soon(state).await;
    assert_eq!((&state["lastStatus"], &state["lastRunAtMs"]), (&json!("error"), &json!(6000)), "{state}");
    assert!(state["lastError"].as_str().unwrap().starts_with("interrupted: "), "{state}");
    assert!(state.get("nextRunAtMs").is_none() && state.get("runningAtMs").is_none(), "{state}");
    let runs = client.call("cron.runs", json!({ "id": "cut" })).await;
    assert_eq!(runs["entries"].as_array().unwrap().len(), 1, "{runs}");
    gateway.running.goodbye(None, Duration::from_millis(100)).await;
}
