//! A client that stays connected.

use std::time::Duration;

use serde_json::json;

use super::super::*;
use super::gateway::Gateway;
use super::options;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_restart_is_bridged() {
    let gateway = Gateway::open().await;
    let (client, mut events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    for _ in 0..3 {
        let error = client.request("restart", json!({}), LONG).await.unwrap_err();
        assert!(matches!(&error, ClientError::Closed(close) if close.code == 1012), "{error:?}");
        // Made while there is no connection.
        assert_eq!(client.request("echo", json!({ "a": 1 }), LONG).await.unwrap(), json!({ "a": 1 }));
        let Some(Happening::Event(_)) = events.next().await else { panic!("the event before `restart`") };
        let Some(Happening::Disconnected { error, retry_in }) = events.next().await else { panic!() };
        assert_eq!(error.to_string(), "gateway closed (1012): service restart");
        assert_eq!(retry_in, Some(Duration::ZERO));
        assert!(matches!(events.next().await, Some(Happening::Connected(_))));
        assert!(matches!(events.next().await, Some(Happening::Gap)), "this gateway replays nothing");
        let Some(Happening::Event(_)) = events.next().await else { panic!("the event before `echo`") };
    }
    client.close().await;
    assert!(events.next().await.is_none(), "a task was left behind");
}

#[tokio::test]
async fn a_lost_connection_is_made_again_after_a_second() {
    let gateway = Gateway::open().await;
    let (client, mut events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    assert_eq!(client.request("drop", json!({}), LONG).await.unwrap_err(), ClientError::Dropped);
    let Some(Happening::Event(_)) = events.next().await else { panic!("the event before `drop`") };
    let Some(Happening::Disconnected { retry_in: Some(wait), .. }) = events.next().await else { panic!() };
    assert!((800..=1000).contains(&wait.as_millis()), "{wait:?}");
    client.request("echo", json!({}), LONG).await.unwrap();
}

#[tokio::test]
async fn requests_of_many_tasks_share_the_connection() {
    let gateway = Gateway::open().await;
    let (client, _events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    let client = std::sync::Arc::new(client);
    let asked: Vec<_> = (0..200)
        .map(|number| {
            let client = std::sync::Arc::clone(&client);
            tokio::spawn(async move { client.request("echo", json!({ "n": number }), LONG).await })
        })
        .collect();
    for (number, asked) in asked.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap().unwrap(), json!({ "n": number }));
    }
}

#[tokio::test]
async fn a_request_has_a_deadline_and_may_be_dropped() {
    let gateway = Gateway::open().await;
    let (client, _events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    let short = Duration::from_millis(20);
    let error = client.request("silence", json!({}), short).await.unwrap_err();
    assert_eq!(error, ClientError::Timeout(short));
    assert!(tokio::time::timeout(short, client.request("silence", json!({}), LONG)).await.is_err());
    client.request("echo", json!({}), LONG).await.unwrap();
}

#[tokio::test]
async fn a_refusal_ends_the_client_and_says_why() {
    let gateway = Gateway::with_token().await;
    let (client, mut events) = Client::connect(options(&gateway).token("right")).await.unwrap();
    gateway.change_token();
    client.request("restart", json!({}), LONG).await.unwrap_err();
    let error = client.request("echo", json!({}), LONG).await.unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("token mismatch"), "{error}");
    let mut last = None;
    while let Some(happening) = events.next().await {
        last = Some(happening);
    }
    assert!(matches!(last, Some(Happening::Disconnected { retry_in: None, .. })), "{last:?}");
}

#[tokio::test]
async fn dropping_it_leaves_nothing_behind() {
    let gateway = Gateway::open().await;
    let (client, mut events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    drop(client);
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_program_without_replay_that_follows_is_no_refusal() {
    let gateway = Gateway::replaced().await;
    let (client, mut events) = Client::connect(options(&gateway).token("any")).await.unwrap();
    client.request("restart", json!({}), LONG).await.unwrap_err();
    client.request("echo", json!({}), LONG).await.unwrap();
    let mut told = Vec::new();
    while told.len() < 4 {
        told.push(events.next().await.unwrap());
    }
    let [Happening::Event(_), Happening::Disconnected { .. }, Happening::Connected(_), Happening::Gap] =
        &told[..]
    else {
        panic!("{told:?}");
    };
}
