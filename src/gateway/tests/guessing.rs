use std::time::{Duration, Instant};

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};

use super::support::{TestClient, TestGateway, device, params, start_with, with_token};

async fn gateway() -> TestGateway {
    start_with(json!({}), Some("right"), |_| ()).await
}

/// A client that has sent `params` and waits for the answer.
async fn asks(gateway: &TestGateway, params: Value) -> TestClient {
    let mut client = gateway.open().await;
    let request = json!({ "type": "req", "id": "1", "method": "connect", "params": params });
    client.send(request.to_string()).await;
    client
}

/// The error code of a connect, `None` when it was accepted.
async fn code(gateway: &TestGateway, params: Value) -> Option<String> {
    let answer = gateway.open().await.request("connect", params).await;
    answer["error"]["code"].as_str().map(str::to_owned)
}

/// Guesses wrong one after the other.
async fn guess_wrong(gateway: &TestGateway, times: usize) {
    for _ in 0..times {
        assert_eq!(code(gateway, with_token("wrong")).await.as_deref(), Some("INVALID_REQUEST"));
    }
}

#[tokio::test]
async fn guessing_gets_slower() {
    let gateway = gateway().await;
    let started = Instant::now();
    guess_wrong(&gateway, 7).await;
    assert!(started.elapsed() >= Duration::from_millis(300), "the answers to two of them waited");
}

#[tokio::test]
async fn a_right_secret_does_not_wait_because_a_neighbour_guessed_wrong() {
    let gateway = gateway().await;
    guess_wrong(&gateway, 8).await;
    // Its answer is due in 800 ms at the earliest.
    let mut neighbour = asks(&gateway, with_token("wrong")).await;
    neighbour.event("connect.challenge").await;
    assert_eq!(code(&gateway, with_token("right")).await, None);
    assert!(neighbour.receive().now_or_never().is_none(), "the wrong secret was answered first");
}

#[tokio::test]
async fn with_no_secret_at_all_nobody_guesses() {
    let gateway = gateway().await;
    let mut nothing = params("operator", &[]);
    for _ in 0..20 {
        let mut client = gateway.open().await;
        nothing["auth"] = json!({ "password": "not asked for" });
        nothing["device"] = device(&mut client, 3, "").await["device"].clone();
        let answer = client.request("connect", nothing.clone()).await;
        assert!(answer["error"]["message"].as_str().unwrap().contains("token missing"), "{answer}");
    }
}

#[tokio::test]
async fn a_flood_of_guesses_is_not_verified_and_does_not_concern_a_paired_device() {
    let gateway = gateway().await;
    let mut paired = gateway.open().await;
    let params = device(&mut paired, 7, "right").await;
    paired.hello(params).await;

    // Eight are answered within a second; the others wait, or are turned away.
    guess_wrong(&gateway, 8).await;
    let flood = (0..12).map(async |_| {
        let mut client = asks(&gateway, with_token("wrong")).await;
        let answer = client.frame(|frame| frame["type"] == "res").await;
        answer["error"]["code"].as_str().unwrap().to_owned()
    });
    let mut answers: FuturesUnordered<_> = flood.collect();
    for _ in 0..8 {
        assert_eq!(answers.next().await.unwrap(), "UNAVAILABLE");
    }
    assert_eq!(code(&gateway, with_token("right")).await.as_deref(), Some("UNAVAILABLE"));
    let mut stranger = gateway.open().await;
    let params = device(&mut stranger, 8, "right").await;
    assert_eq!(stranger.request("connect", params).await["error"]["code"], "UNAVAILABLE");

    let mut again = gateway.open().await;
    let params = device(&mut again, 7, "right").await;
    again.hello(params).await;
    // Its own mistakes count against it, and against nobody else.
    let mut mistaken = gateway.open().await;
    let params = device(&mut mistaken, 7, "wrong").await;
    assert_eq!(mistaken.request("connect", params).await["error"]["code"], "INVALID_REQUEST");
}
