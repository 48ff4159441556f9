//! Events that a client missed, over the wire and across reloads (`dev/PROTOCOL.md`).

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use clawdbot::client::{Client, ConnectOptions, Events, Happening};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use crate::support::edits::Save;
use crate::support::foreground::Started;
use crate::support::harness::{self, Harness};
use crate::support::home::Home;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire, connect_frame};

const LONG: Duration = Duration::from_secs(20);

/// Connects with the capability; returns what `hello-ok` says of it too.
#[track_caller]
fn ask(address: SocketAddr, credentials: &Credentials, replay: Option<&Value>) -> (Wire, Value) {
    let mut wire = Wire::open(address).unwrap();
    let nonce = wire.challenge().unwrap();
    let mut frame = connect_frame(&nonce, credentials);
    frame["params"]["caps"] = json!(["replay"]);
    if let Some(replay) = replay {
        frame["params"]["replay"] = replay.clone();
    }
    wire.send(&frame).unwrap();
    let answer = wire.answer("connect").unwrap();
    assert_eq!(answer["ok"], true, "{replay:?}: {answer}");
    (wire, answer["payload"]["replay"].clone())
}

/// Sets the wake words, which everybody is told, and waits until that is done.
fn wake(wire: &mut Wire, word: &str) {
    wire.payload("voicewake.set", &json!({ "triggers": [word] }));
}

#[test]
fn nobody_gets_at_the_events_of_another() {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let address = gateway.address();
    let (owner, stranger) = (Credentials::Device([1; 32]), Credentials::Device([2; 32]));
    let token = Credentials::Token("any".to_owned());
    let (wire, replay) = ask(address, &owner, None);
    let own = replay["token"].as_str().unwrap();
    drop(wire);
    let (mut other, _) = Wire::hello(address, &token).unwrap();
    wake(&mut other, "secret");

    let stolen = json!({ "token": own, "seq": 0 });
    let with = |seq: Value| json!({ "token": own, "seq": seq });
    for (credentials, replay) in [
        (&stranger, &stolen),
        (&token, &stolen),
        (&owner, &json!({ "token": "wrong", "seq": 0 })),
        (&owner, &json!({ "token": "", "seq": 0 })),
        (&owner, &json!({ "token": own.to_uppercase(), "seq": 0 })),
        (&owner, &with(json!(2))),
        (&owner, &with(json!(u64::MAX))),
        (&owner, &with(json!(-1))),
        (&owner, &with(json!(1e300))),
        (&owner, &with(json!("0"))),
        (&owner, &with(json!([0]))),
        (&owner, &json!({ "seq": 0 })),
        (&owner, &json!(["token", own])),
        (&owner, &json!(own)),
        (&owner, &json!("x".repeat(100_000))),
    ] {
        let (mut wire, told) = ask(address, credentials, Some(replay));
        let fresh = told["token"].as_str().unwrap();
        assert_eq!(told, json!({ "token": fresh, "resumed": false, "seq": 0, "replayed": 0 }), "{replay}");
        assert_ne!(fresh, own);
        // Nothing came before this, and the next event is its first.
        wake(&mut other, "public");
        let event = wire.event("voicewake.changed").unwrap();
        assert_eq!((&event["seq"], &event["payload"]["triggers"]), (&json!(1), &json!(["public"])));
    }
    let (mut wire, told) = ask(address, &owner, Some(&stolen));
    // Besides the words, that the other device was paired.
    assert_eq!((&told["resumed"], &told["replayed"]), (&json!(true), &json!(17)));
    assert_eq!(wire.event("voicewake.changed").unwrap()["payload"]["triggers"], json!(["secret"]));
}

/// A way to the gateway that lets nobody through before something happened on the other side: a client behind it
/// misses what a faster one makes happen.
struct Detour {
    url: String,
    task: tokio::task::JoinHandle<()>,
}

impl Detour {
    /// Every connection waits until `done` has grown by `more`, or `is_over`.
    async fn open(to: SocketAddr, done: Arc<AtomicU64>, is_over: Arc<AtomicBool>, more: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let wanted = done.load(Ordering::Relaxed) + more;
                let (done, is_over) = (Arc::clone(&done), Arc::clone(&is_over));
                tokio::spawn(async move {
                    while done.load(Ordering::Relaxed) < wanted && !is_over.load(Ordering::Relaxed) {
                        tokio::task::yield_now().await;
                    }
                    let mut far = TcpStream::connect(to).await.unwrap();
                    // How it ends is the business of the two ends.
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        Self { url, task }
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a client was told until the event that says that it was the last one.
#[derive(Debug, Default)]
struct Told {
    words: Vec<String>,
    reconnects: u64,
    replayed: u64,
}

async fn listen(mut events: Events) -> Told {
    let mut told = Told::default();
    loop {
        match tokio::time::timeout(LONG, events.next()).await.expect("no event").expect("the client gave up")
        {
            Happening::Event(event) if event.event == "voicewake.changed" => {
                let word = event.payload["triggers"][0].as_str().unwrap().to_owned();
                if word == "last" {
                    return told;
                }
                told.words.push(word);
            }
            Happening::Connected(hello) => {
                told.reconnects += 1;
                told.replayed += hello.replay.clone().unwrap().replayed;
            }
            happening @ (Happening::Gap | Happening::Missed(_)) => panic!("{happening:?} after {told:?}"),
            _ => {}
        }
    }
}

/// Makes events until `is_over`, then the last one; returns those that certainly happened.
async fn speak(url: String, done: Arc<AtomicU64>, is_over: Arc<AtomicBool>) -> Vec<String> {
    let (client, _events) = Client::connect(ConnectOptions::cli(url).token("any")).await.unwrap();
    let (mut certain, mut number) = (Vec::new(), 0_u64);
    while !is_over.load(Ordering::Relaxed) {
        number += 1;
        let word = number.to_string();
        // One that a reload interrupts may have happened or not.
        if client.request("voicewake.set", json!({ "triggers": [word] }), LONG).await.is_ok() {
            certain.push(word);
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    client.request("voicewake.set", json!({ "triggers": ["last"] }), LONG).await.unwrap();
    certain
}

fn reload_often(harness: &Harness, home: &Home, done: &AtomicU64) {
    for generation in 2..=21 {
        let (mark, before) = (harness.mark(), done.load(Ordering::Relaxed));
        Save::Plain.write(&home.workspace().join("AGENTS.md"), &format!("# Generation {generation}\n"));
        harness.reloaded(mark);
        wait::until("there are events in every generation", PATIENCE, || {
            (done.load(Ordering::Relaxed) > before + 5).then_some(())
        });
    }
}

#[test]
fn a_client_misses_no_event_in_twenty_reloads_and_sees_none_twice() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let address = harness.address();
    let (done, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let told = runtime.block_on(async {
        let detour = Detour::open(address, Arc::clone(&done), Arc::clone(&is_over), 3).await;
        let url = format!("ws://{address}");
        let speaking = tokio::spawn(speak(url.clone(), Arc::clone(&done), Arc::clone(&is_over)));
        let mut listening = Vec::new();
        for url in [&url, &detour.url] {
            let options = ConnectOptions::cli(url).token("any");
            let (client, events) = Client::connect(options).await.unwrap();
            listening.push((client, tokio::spawn(listen(events))));
        }
        let reloading = tokio::task::spawn_blocking({
            let done = Arc::clone(&done);
            move || {
                reload_often(&harness, &home, &done);
                // It has to serve until the end.
                (harness, home)
            }
        });
        let reloaded = reloading.await;
        is_over.store(true, Ordering::Relaxed);
        let _serving = reloaded.unwrap();
        let certain = speaking.await.unwrap();
        let mut all = Vec::new();
        for (client, listening) in listening {
            let told = listening.await.unwrap();
            client.close().await;
            all.push((told, certain.clone()));
        }
        all
    });
    for (told, certain) in &told {
        let numbers: Vec<u64> = told.words.iter().map(|word| word.parse().unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "twice, or out of order: {numbers:?}");
        let words: BTreeSet<&String> = told.words.iter().collect();
        let first = numbers[0];
        let missed: Vec<_> = certain
            .iter()
            .filter(|word| word.parse::<u64>().unwrap() >= first && !words.contains(word))
            .collect();
        assert!(missed.is_empty(), "missed {missed:?} of {}", certain.len());
        // One that is late may meet the end of the next generation, and skip it.
        assert!(told.reconnects >= 10, "{} reconnects", told.reconnects);
    }
    let (late, _) = &told[1];
    assert!(late.replayed >= 30, "the detour let nothing be missed: {}", late.replayed);
}
