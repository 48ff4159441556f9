//! What signals do to a foreground gateway, also in the middle of a restart.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::gateway::{self, configure, prompt};
use crate::support::home::Home;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::agent_name;

fn agents(name: &str) -> String {
    format!("agents: {{ list: [{{ id: 'dev', default: true, identity: {{ name: '{name}' }} }}] }},")
}

/// Quiet for a minute before an edit is looked at.
fn patient(name: &str) -> String {
    format!("{{ gateway: {{ mode: 'local', reload: {{ debounceMs: 60000 }} }}, {} }}", agents(name))
}

#[test]
fn a_hang_up_reads_at_once() {
    let home = Home::new();
    let config = configure(&home, &patient("One"));
    let gateway = gateway::in_home(&home).start();
    let mark = gateway.mark();
    Save::Rename.write(&config, &patient("Two"));
    gateway.silent(mark, "an edit that is to wait for a minute");
    gateway.signal(Signal::HUP);
    gateway.took(mark, "reloaded", "config: agents.list");
    assert_eq!(agent_name(gateway.address()).unwrap(), "Two");
    // The edit that waited is done with, and one that nobody has noticed yet is read, too.
    let mark = gateway.mark();
    Save::Rename.write(&config, &patient("Three"));
    gateway.signal(Signal::HUP);
    gateway.took(mark, "reloaded", "config: agents.list");
    gateway.stop();
}

#[test]
fn a_restart_by_signal_needs_permission() {
    let home = Home::new();
    let config = configure(&home, &prompt("", ""));
    let gateway = gateway::in_home(&home).start();
    let mark = gateway.mark();
    gateway.signal(Signal::USR1);
    wait::until("the refusal", PATIENCE, || {
        let told = gateway.since(mark).join("\n");
        told.contains("SIGUSR1 restart ignored (not authorized; set commands.restart to true)").then_some(())
    });
    assert_eq!(gateway.health().generation, 1);

    Save::Rename.write(&config, &prompt("", "commands: { restart: true },"));
    gateway.took(mark, "reloaded", "config: commands");
    let mark = gateway.mark();
    gateway.signal(Signal::USR1);
    gateway.took(mark, "restarted", "signal: SIGUSR1");
    assert_eq!(gateway.health().generation, 2);

    // With a file that cannot be used there is nothing to restart with.
    let mark = gateway.mark();
    Save::Rename.write(&config, "{ broken");
    gateway.kept(mark, &[]);
    let mark = gateway.mark();
    gateway.signal(Signal::USR1);
    gateway.kept(mark, &[]);
    assert_eq!(gateway.health().generation, 2);
    gateway.stop();
}

#[test]
fn a_restart_by_signal_carries_out_what_waited() {
    let home = Home::new();
    let text = |name: &str| {
        let gateway = "gateway: { mode: 'local', reload: { mode: 'off', debounceMs: 0 } }";
        format!("{{ {gateway}, commands: {{ restart: true }}, {} }}", agents(name))
    };
    let config = configure(&home, &text("One"));
    let gateway = gateway::in_home(&home).start();
    let mark = gateway.mark();
    Save::Rename.write(&config, &text("Two"));
    gateway.line(mark, "✓ config edit not acted upon (gateway.reload.mode=off): agents.list");
    let mark = gateway.mark();
    gateway.signal(Signal::USR1);
    gateway.took(mark, "restarted", "signal: SIGUSR1");
    assert_eq!(agent_name(gateway.address()).unwrap(), "Two");
    // Nothing waits now, so nothing can be taken back.
    let mark = gateway.mark();
    Save::Rename.write(&config, &format!("// A comment.\n{}", text("Two")));
    gateway.silent(mark, "a line about an edit without effect");
    gateway.stop();
}

#[test]
fn a_signal_in_the_middle_of_a_restart_ends_it_cleanly() {
    for (signal, turn) in
        [Signal::TERM, Signal::INT].into_iter().flat_map(|signal| (0..6).map(move |turn| (signal, turn)))
    {
        let home = Home::new();
        let config = configure(&home, &prompt("", ""));
        let mut gateway = gateway::in_home(&home).start();
        let _client = gateway.client("any");
        Save::Rename.write(&config, &prompt("trustedProxies: ['10.0.0.1']", ""));
        wait::pass(Duration::from_millis(turn * 3));
        gateway.signal(signal);
        let status = gateway.ended(PATIENCE);
        assert_eq!(status.code(), Some(0), "{signal:?} in turn {turn}: {}", gateway.told());
        assert!(!home.path().join(".clawdbot/gateway.json").exists(), "turn {turn}");
    }
}

#[test]
fn a_client_that_never_answers_does_not_hold_the_end() {
    let home = Home::new();
    let config = configure(&home, &prompt("", ""));
    let mut gateway = gateway::in_home(&home).start();
    // Neither reads: one of the gateway that serves, one of the gateway that said goodbye before.
    let _left = gateway.client("any");
    let mark = gateway.mark();
    Save::Rename.write(&config, &prompt("trustedProxies: ['10.0.0.1']", ""));
    gateway.took(mark, "restarted", "config: gateway.trustedProxies");
    let _silent = gateway.client("any");
    let begin = Instant::now();
    gateway.signal(Signal::TERM);
    assert_eq!(gateway.ended(PATIENCE).code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn the_second_signal_does_not_wait() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let home = Home::new();
        configure(&home, &prompt("", ""));
        let mut gateway = gateway::in_home(&home).start();
        let mut client = gateway.client("any");
        gateway.signal(signal);
        // The goodbye has begun, and this client does not answer it.
        client.event("shutdown").unwrap();
        gateway.signal(signal);
        assert_eq!(gateway.ended(PATIENCE).code(), Some(code), "{signal:?}");
    }
}

#[test]
fn killed_at_any_moment_of_a_restart_it_leaves_nothing_that_matters() {
    let home = Home::new();
    let config = configure(&home, &prompt("", ""));
    for turn in 0..12 {
        let mut gateway = gateway::in_home(&home).start();
        Save::Rename.write(&config, &prompt(&format!("trustedProxies: ['10.0.1.{turn}']"), ""));
        wait::pass(Duration::from_micros(turn * 1700));
        gateway.signal(Signal::KILL);
        assert_eq!(gateway.ended(PATIENCE).signal(), Some(9));
    }
    gateway::in_home(&home).start().stop();
}
