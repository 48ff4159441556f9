//! A foreground gateway takes edits of its configuration over: in place where it can, else by the gateway that follows
//! in the same process. Clients, lines, the log, and what is left alone.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::edits::{Save, touch};
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::home::Home;
use crate::support::program::Run;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Wire, agent_name};

/// How late an answer may be while tests share the machine; the benchmark measures the real limit.
const LATE: Duration = Duration::from_secs(2);

fn agents(name: &str) -> String {
    format!("agents: {{ list: [{{ id: 'dev', default: true, identity: {{ name: '{name}' }} }}] }},")
}

fn name_for(client: &mut Wire) -> Value {
    client.payload("agents.list", &json!({}))["agents"][0]["identity"]["name"].clone()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn save(config: &Path, text: &str) {
    Save::Rename.write(config, text);
}

/// Checks that `edit` leads to these lines and no other, times left out.
#[track_caller]
fn leads_to(gateway: &Gateway, last: &str, expected: &[&str], edit: impl FnOnce()) {
    let mark = gateway.mark();
    edit();
    gateway.line(mark, last);
    gateway.silent(mark + expected.len(), "more lines than expected");
    let mut found: Vec<String> = gateway.since(mark).iter().map(|line| timeless(line)).collect();
    found.sort();
    let mut expected: Vec<String> =
        expected.iter().map(|line| line.replace("PID", &format!("PID {}", gateway.pid()))).collect();
    expected.sort();
    assert_eq!(found, expected);
}

/// `in 12ms` without the number.
fn timeless(line: &str) -> String {
    let Some((before, after)) = line.split_once(" in ") else { return line.to_owned() };
    format!("{before} in {}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn what_is_read_when_needed_is_taken_over_in_place() {
    let home = Home::new();
    let config = configure(&home, &prompt("", &agents("One")));
    let gateway = gateway::in_home(&home).start();
    let before = gateway.health();
    let mut client = gateway.client("any");
    assert_eq!(name_for(&mut client), "One");

    let mut more = agents("Two");
    for (key, section) in [
        ("agents.list", ""),
        ("ui", "ui: { seamColor: '#abcdef' },"),
        ("logging", "logging: { level: 'debug' },"),
        ("commands", "commands: { restart: true },"),
        ("session", "session: { scope: 'global' },"),
    ] {
        more.push_str(section);
        leads_to(&gateway, "✓ reloaded", &[&format!("✓ reloaded in ms (config: {key}) (PID)")], || {
            save(&config, &prompt("", &more));
        });
        assert_eq!(name_for(&mut client), "Two", "after {key}, on the connection from before");
    }
    assert_eq!(gateway.health(), before, "the same process, the same gateway");
    gateway.stop();
}

#[test]
fn what_is_fixed_at_start_makes_the_next_gateway() {
    let home = Home::new();
    let config = configure(&home, &prompt("", ""));
    let gateway = gateway::in_home(&home).start();
    let (before, address) = (gateway.health(), gateway.address());
    let mut client = gateway.client("any");
    let mark = gateway.mark();
    save(&config, &prompt("trustedProxies: ['10.0.0.1']", &agents("Next")));
    let shutdown = client.event("shutdown").unwrap();
    assert_eq!(shutdown["payload"]["reason"], "gateway restarting");
    let announced = shutdown["payload"]["restartExpectedMs"].as_u64().unwrap();
    assert!((1..2000).contains(&announced), "measured, not guessed: {shutdown}");
    assert_eq!(client.closed().code, 1012);
    gateway.took(mark, "restarted", "config: gateway.trustedProxies, agents");
    let after = gateway.health();
    assert_eq!((after.pid, after.generation), (before.pid, before.generation + 1));
    assert_eq!(gateway.address(), address);
    assert_eq!(gateway.runtime()["generation"], after.generation);
    assert_eq!(name_for(&mut gateway.client("any")), "Next");
    assert!(
        gateway.log().contains("config change requires gateway restart (gateway.trustedProxies, agents)")
    );
    gateway.stop();
}

#[test]
fn nobody_is_refused_and_nobody_comes_in_between() {
    let home = Home::new();
    let config = configure(&home, &prompt("", ""));
    let gateway = gateway::in_home(&home).start();
    let hammers = [(Traffic::Health, 1), (Traffic::Hello, 10)]
        .map(|(traffic, pace)| Hammer::paced(gateway.address(), traffic, Duration::from_millis(pace)));
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let intruder = scope.spawn(|| {
            let mut attempts = 0;
            while !over.load(Ordering::Relaxed) {
                let other = Run::new(&home, &["gateway", "--port", "0"]).finish().expect_code(78);
                assert!(
                    other.stderr.starts_with("Gateway already running locally (pid "),
                    "{}",
                    other.stderr
                );
                attempts += 1;
            }
            attempts
        });
        for turn in 1..=20 {
            let mark = gateway.mark();
            save(&config, &prompt(&format!("trustedProxies: ['10.0.0.{turn}']"), ""));
            gateway.took(mark, "restarted", "config: gateway.trustedProxies");
        }
        over.store(true, Ordering::Relaxed);
        assert!(intruder.join().unwrap() > 0);
    });
    for hammer in hammers {
        hammer.stop().assert_served(LATE);
    }
    assert_eq!(gateway.health().generation, 21);
    gateway.stop();
}

#[test]
fn another_port_and_another_bind_mode_are_followed() {
    let home = Home::new();
    let (first, second) = (free_port(), free_port());
    let config = configure(&home, &prompt(&format!("port: {first}"), ""));
    let gateway = gateway::in_home(&home).without_port().start();
    assert_eq!(gateway.address(), SocketAddr::from(([127, 0, 0, 1], first)));

    let mark = gateway.mark();
    save(&config, &prompt(&format!("port: {second}"), ""));
    gateway.took(mark, "restarted", "config: gateway.port");
    gateway.line(mark, &format!("✓ listening on ws://127.0.0.1:{second}"));
    assert_eq!(gateway.address().port(), second);
    assert!(TcpStream::connect(("127.0.0.1", first)).is_err(), "the old port is closed");
    assert_eq!(gateway.health().generation, 2);

    let mark = gateway.mark();
    let custom = "bind: 'custom', customBindHost: '127.0.0.2', auth: { token: 'a-token-of-it' }";
    save(&config, &prompt(&format!("port: {second}, {custom}"), ""));
    let why = "config: gateway.bind, gateway.customBindHost, gateway.auth";
    gateway.took(mark, "restarted", why);
    gateway.line(mark, &format!("✓ listening on ws://127.0.0.2:{second}"));
    assert_eq!(gateway.address(), SocketAddr::from(([127, 0, 0, 2], second)));
    assert!(TcpStream::connect(("127.0.0.1", second)).is_err(), "the old address is closed");
    assert!(gateway.log().contains(&format!("listening on ws://127.0.0.2:{second}")));
    name_for(&mut gateway.client("a-token-of-it"));
    gateway.stop();
}

#[test]
fn edits_without_effect_are_none() {
    let home = Home::new();
    let text = prompt("", &agents("Same"));
    let config = configure(&home, &text);
    let gateway = gateway::in_home(&home).start();
    let mark = gateway.mark();
    save(&config, &format!("// A comment.\n{}", text.replace("  ", "      ")));
    save(
        &config,
        &prompt("", &format!("{} meta: {{ lastTouchedAt: '2026-01-01T00:00:00Z' }},", agents("Same"))),
    );
    touch(&config);
    home.write(".clawdbot/.env", "# Nothing.\n");
    home.write(".clawdbot/other.json", "{}");
    gateway.silent(mark, "a line about an edit without effect");
    assert_eq!(gateway.health().generation, 1);
}

fn with_mode(mode: &str, gateway: &str, name: &str) -> String {
    let agents = agents(name);
    format!(
        "{{ gateway: {{ mode: 'local', reload: {{ mode: '{mode}', debounceMs: 0 }}, {gateway} }}, {agents} }}"
    )
}

const PROXY: &str = "trustedProxies: ['10.0.0.1']";

#[test]
fn mode_off_says_what_it_ignores() {
    let home = Home::new();
    let config = configure(&home, &with_mode("off", "", "One"));
    let gateway = gateway::in_home(&home).start();
    let ignored =
        "✓ config edit not acted upon (gateway.reload.mode=off): gateway.trustedProxies, agents.list";
    leads_to(&gateway, ignored, &[ignored], || save(&config, &with_mode("off", PROXY, "Two")));
    assert_eq!(agent_name(gateway.address()).unwrap(), "One");
    let back = "✓ nothing waits for a restart any more";
    leads_to(&gateway, back, &[back], || save(&config, &with_mode("off", "", "One")));
    let on = "✓ reloaded in ms (config: gateway.reload.mode, agents.list) (PID)";
    leads_to(&gateway, "✓ reloaded", &[on], || save(&config, &with_mode("hybrid", "", "Two")));
    assert_eq!(agent_name(gateway.address()).unwrap(), "Two");
    let off = "✓ reloaded in ms (config: gateway.reload.mode) (PID)";
    leads_to(&gateway, "✓ reloaded", &[off], || save(&config, &with_mode("off", "", "Two")));
    assert!(gateway.log().contains("config reload disabled (gateway.reload.mode=off)"));
}

#[test]
fn mode_hot_holds_what_needs_a_restart() {
    let home = Home::new();
    let config = configure(&home, &with_mode("hot", "", "One"));
    let gateway = gateway::in_home(&home).start();
    let mut client = gateway.client("any");
    let waits = "✗ needs a restart (gateway.reload.mode=hot): gateway.trustedProxies";
    let applied = "✓ reloaded in ms (config: agents.list) (PID)";
    leads_to(&gateway, waits, &[applied, waits], || save(&config, &with_mode("hot", PROXY, "Two")));
    assert_eq!(name_for(&mut client), "Two");
    leads_to(&gateway, waits, &[applied, waits], || save(&config, &with_mode("hot", PROXY, "Three")));
    let back = "✓ nothing waits for a restart any more";
    leads_to(&gateway, back, &[back], || save(&config, &with_mode("hot", "", "Three")));
    leads_to(&gateway, waits, &[waits], || save(&config, &with_mode("hot", PROXY, "Three")));
    leads_to(&gateway, back, &[applied, back], || save(&config, &with_mode("hot", "", "Four")));
    assert_eq!(name_for(&mut client), "Four", "still the same connection");
    assert_eq!(gateway.health().generation, 1);
    let log = gateway.log();
    assert!(log.contains("config change applied (agents.list)"), "{log}");
    assert!(
        log.contains("config change requires gateway restart; mode hot ignores (gateway.trustedProxies)"),
        "{log}"
    );
    assert!(!log.contains("()"), "an empty list in {log}");

    let restarted = "✓ restarted in ms (config: gateway.trustedProxies, gateway.reload.mode) (PID)";
    leads_to(&gateway, "✓ restarted", &[restarted], || save(&config, &with_mode("hybrid", PROXY, "Four")));
    assert_eq!(client.closed().code, 1012);
}

#[test]
fn mode_restart_restarts_for_everything() {
    let home = Home::new();
    let config = configure(&home, &with_mode("restart", "", "One"));
    let gateway = gateway::in_home(&home).start();
    let restarted = "✓ restarted in ms (config: agents.list) (PID)";
    leads_to(&gateway, "✓ restarted", &[restarted], || save(&config, &with_mode("restart", "", "Two")));
    assert_eq!(gateway.health().generation, 2);
    assert_eq!(agent_name(gateway.address()).unwrap(), "Two");
    gateway.stop();
}

#[test]
fn a_burst_of_saves_is_one_reload() {
    let home = Home::new();
    let text = |name: &str| format!("{{ gateway: {{ mode: 'local' }}, {} }}", agents(name));
    let config = configure(&home, &text("0"));
    let gateway = gateway::in_home(&home).start();
    // A burst that a loaded machine has torn apart shows nothing.
    let whole = (1..=5).any(|attempt| {
        let mark = gateway.mark();
        let torn = burst(&config, attempt, &text);
        gateway.took(mark, "reloaded", "config: agents.list");
        let last = format!("{attempt}.10");
        wait::until("the last save is served", PATIENCE, || {
            (agent_name(gateway.address()).as_deref() == Ok(&last)).then_some(())
        });
        gateway.silent(gateway.mark(), "a reload after the last one");
        assert!(torn || gateway.since(mark).len() == 1, "one reload: {}", gateway.told());
        !torn
    });
    assert!(whole, "this machine is too slow for five bursts");
}

/// Saves that are far from each other for the watcher, and near for the 300 ms of quiet that are waited for; whether
/// two of them were too far apart after all.
fn burst(config: &Path, attempt: u32, text: &impl Fn(&str) -> String) -> bool {
    let mut last = Instant::now();
    let mut longest = Duration::ZERO;
    for turn in 1..=10 {
        save(config, &text(&format!("{attempt}.{turn}")));
        longest = longest.max(last.elapsed());
        last = Instant::now();
        if turn < 10 {
            wait::pass(Duration::from_millis(100));
        }
    }
    longest > Duration::from_millis(200)
}

#[test]
fn a_client_restarts_it_though_edits_do_not_count() {
    let home = Home::new();
    configure(&home, &prompt("", "").replace("debounceMs: 0", "mode: 'off', debounceMs: 0"));
    let gateway = gateway::in_home(&home).start();
    let mut client = gateway.client("any");
    let hash = client.payload("config.get", &json!({}))["hash"].clone();
    let raw = "{ gateway: { controlUi: { allowInsecureAuth: true } } }";
    let mark = gateway.mark();
    let answer =
        client.payload("config.patch", &json!({ "raw": raw, "baseHash": hash, "restartDelayMs": 0 }));
    assert_eq!(answer["restart"]["mode"], "emit", "{answer}");
    gateway.line(mark, "✓ restarted in ");
    assert!(client.event("shutdown").unwrap()["payload"]["restartExpectedMs"].is_number());
    assert_eq!(client.closed().code, 1012);
    assert_eq!(gateway.health().generation, 2, "once");
}
