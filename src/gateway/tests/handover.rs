use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::support::{Received, TestClient, listener, params, soon, standby};

/// Generations that follow each other.
const GENERATIONS: u64 = 12;

/// What became of the clients.
#[derive(Debug, Default)]
struct Tally {
    served: AtomicU32,
    sent_on: AtomicU32,
}

/// One client: connects, asks something, goes. It may be sent to the next generation, but with a close frame.
async fn visit(address: SocketAddr, tally: Arc<Tally>) {
    let mut client = TestClient::open(address).await;
    let request = json!({ "type": "req", "id": "c", "method": "connect", "params": params("operator", &[]) });
    client.send(request.to_string()).await;
    loop {
        match client.receive().await {
            Received::Frame(frame) if frame["id"] == "c" => {
                assert_eq!(frame["payload"]["type"], "hello-ok", "{frame}");
                tally.served.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Received::Frame(_) => {}
            Received::Close(code, reason) => {
                assert_eq!((code, reason.as_str()), (1012, "service restart"));
                tally.sent_on.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Received::End => panic!("cut off without a close frame"),
        }
    }
}

#[tokio::test]
async fn nobody_is_refused_or_cut_off_while_generations_follow_each_other() {
    let state = tempfile::tempdir().unwrap();
    let shared = listener();
    let address = shared.local_addr().unwrap();
    let (tally, is_over) = (Arc::new(Tally::default()), Arc::new(AtomicBool::new(false)));
    // The clients have a thread of their own, so that they do not slow the gateway down.
    let hammer = tokio::task::spawn_blocking({
        let (tally, is_over) = (Arc::clone(&tally), Arc::clone(&is_over));
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut visits = JoinSet::new();
                let mut pace = tokio::time::interval(Duration::from_millis(1));
                pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while !is_over.load(Ordering::Relaxed) {
                    pace.tick().await;
                    visits.spawn(visit(address, Arc::clone(&tally)));
                }
                while let Some(visit) = visits.join_next().await {
                    visit.unwrap();
                }
            });
        }
    });
    let mut farewells = JoinSet::new();
    let mut serving =
        standby(state.path(), shared.try_clone().unwrap(), 1, None).await.activate().await.unwrap();
    for generation in 2..=GENERATIONS {
        let before = tally.served.load(Ordering::Relaxed);
        let some_more = async {
            while tally.served.load(Ordering::Relaxed) < before + 5 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        soon(some_more).await;
        let next = standby(state.path(), shared.try_clone().unwrap(), generation, None).await;
        serving.quiesce().await;
        let old = std::mem::replace(&mut serving, next.activate().await.unwrap());
        farewells.spawn(old.goodbye(Some(5), Duration::from_secs(5)));
    }
    is_over.store(true, Ordering::Relaxed);
    soon(hammer).await.unwrap();
    while farewells.join_next().await.is_some() {}
    serving.goodbye(None, Duration::from_secs(1)).await;
    assert!(tally.served.load(Ordering::Relaxed) >= 5 * 11, "{tally:?}");
}
