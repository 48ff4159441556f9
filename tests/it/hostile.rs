//! Clients that mean no good, all at once: whoever behaves is answered all the same and keeps the connection, and memory
//! stays bounded.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::gateway;
use crate::support::home::Home;
use crate::support::process;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

/// Requests of the client that behaves, while the others do not.
const CALLS: usize = 60;

/// What 24 hostile clients may cost: for each what a slow client may have queued, and as much again for its frames.
const GROWTH_KIB: u64 = 24 * 2 * 1536;

/// One way to misbehave; returns when the gateway has ended the connection, or there is no more to do.
type Misdeed = fn(SocketAddr) -> Result<(), String>;

fn hello(address: SocketAddr) -> Result<Wire, String> {
    let (mut client, _) = Wire::hello(address, &Credentials::Token("right".to_owned()))?;
    client.patience(Duration::from_millis(200));
    Ok(client)
}

/// Asks and asks, and reads nothing.
fn never_reads(address: SocketAddr) -> Result<(), String> {
    let client = hello(address)?;
    client.stream().set_write_timeout(Some(Duration::from_millis(100))).map_err(|error| error.to_string())?;
    let mut client = client;
    let request = json!({ "type": "req", "id": "x".repeat(300_000), "method": "last-heartbeat" });
    for _ in 0..50 {
        client.send(&request)?;
    }
    Ok(())
}

/// Half a request to upgrade, and silence; then a handshake that is never completed.
fn half_open(address: SocketAddr) -> Result<(), String> {
    let silent = |stream: &mut TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.read(&mut [0])
    };
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| error.to_string())?;
    stream.write_all(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n").map_err(|error| error.to_string())?;
    let mut client = Wire::open(address)?;
    client.challenge()?;
    client.patience(Duration::from_millis(200));
    // Nothing comes.
    let _ = silent(&mut stream);
    client.next().map(drop)
}

/// Thousands of small requests without a pause.
fn floods(address: SocketAddr) -> Result<(), String> {
    let mut client = hello(address)?;
    for number in 0..1000 {
        client.send(&json!({ "type": "req", "id": number.to_string(), "method": "no.such" }))?;
        if number % 50 == 0 {
            client.next()?;
        }
    }
    Ok(())
}

/// A message above the limit.
fn oversized(address: SocketAddr) -> Result<(), String> {
    let mut client = hello(address)?;
    client.send_text(&"x".repeat(2 * 1024 * 1024))?;
    client.closed();
    Ok(())
}

/// A masked text frame whose payload is no UTF-8.
fn not_utf8(address: SocketAddr) -> Result<(), String> {
    let mut client = hello(address)?;
    client.send_raw(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe])?;
    client.closed();
    Ok(())
}

/// A frame with reserved bits, which nobody negotiated.
fn no_websocket(address: SocketAddr) -> Result<(), String> {
    let mut client = hello(address)?;
    client.send_raw(&[0xff; 4096])?;
    client.closed();
    Ok(())
}

#[test]
fn hostile_clients_cost_nobody_else_anything() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", ""));
    let gateway = gateway::in_home(&home).start();
    let address = gateway.address();
    let mut bystander = gateway.client("right");
    let mut behaved = gateway.client("right");
    behaved.payload("health", &json!({}));
    let (before, _) = process::memory_kib(gateway.pid());

    let misdeeds: [Misdeed; 6] = [never_reads, half_open, floods, oversized, not_utf8, no_websocket];
    let over = Arc::new(AtomicBool::new(false));
    let hostile: Vec<_> = misdeeds
        .iter()
        .cycle()
        .take(24)
        .map(|&misdeed| {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                let mut rounds = 0;
                while !over.load(Ordering::Relaxed) {
                    // How the gateway ends it is its own affair.
                    let _ = misdeed(address);
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    for number in 0..CALLS {
        let answer = behaved.call("health", &json!({}));
        let answer = answer.unwrap_or_else(|error| panic!("health {number}: {error}\n{}", gateway.told()));
        assert_eq!(answer["ok"], true, "health {number}: {answer}");
    }
    over.store(true, Ordering::Relaxed);
    let rounds: Vec<u32> = hostile.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(rounds.iter().all(|&rounds| rounds > 0), "somebody did no harm: {rounds:?}");

    bystander.payload("last-heartbeat", &json!({}));
    let (after, _) = process::memory_kib(gateway.pid());
    assert!(after < before + GROWTH_KIB, "{before} KiB became {after} KiB after {rounds:?} rounds");
    gateway.stop();
}

#[test]
fn a_silent_peer_is_asked_whether_it_is_there() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", ""));
    let gateway = gateway::in_home(&home).start();
    let client = gateway.client("right");
    let (own, peer) = (gateway.address().port(), client.stream().local_addr().unwrap().port());
    // The timer of the gateway's end of the connection: 02 is the one that asks.
    wait::until("a timer of the connection", PATIENCE, || {
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        table.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let ends =
                fields[1].ends_with(&format!(":{own:04X}")) && fields[2].ends_with(&format!(":{peer:04X}"));
            (ends && fields[5].starts_with("02:")).then_some(())
        })
    });
}
