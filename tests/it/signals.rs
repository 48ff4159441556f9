//! What signals do to a harness.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::faults::{FAULT_FILE, Stages};
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

#[test]
fn the_first_signal_drains_and_exits_with_zero() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let mut harness = harness::in_home(&home).start().armed();
        let (mut wire, _) = Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap();
        let mark = harness.mark();
        harness.signal(signal);
        let shutdown = wire.event("shutdown").unwrap();
        assert_eq!(shutdown["payload"]["reason"], "gateway stopping");
        assert!(shutdown["payload"]["restartExpectedMs"].is_null(), "nothing follows: {shutdown}");
        assert_eq!(wire.closed().code, 1012);
        assert_eq!(harness.ended(PATIENCE).code(), Some(0), "{signal:?}\n{}", harness.stderr());
        let stopped = harness.wait_from(mark, "stopped", |event| event.is("stopped"));
        assert_eq!(stopped.value["exitCode"], 0);
        assert_eq!(harness.since(mark).last().unwrap().name(), "stopped", "nothing is said after `stopped`");
        assert!(!home.state().join("gateway.json").exists(), "the runtime file goes with the gateway");
    }
}

#[test]
fn a_stop_is_prompt() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let begin = Instant::now();
    assert!(harness.stop().success());
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[test]
fn the_second_signal_does_not_wait() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let home = Home::new();
        let stages = Stages::new(&home);
        let mut harness = harness::in_home(&home).env(FAULT_FILE, stages.path()).start().armed();
        // The drain would take for ever.
        stages.set("drain", "hang", 0);
        let mark = harness.mark();
        harness.signal(signal);
        harness.wait_from(mark, "stopping", |event| event.is("stopping"));
        let begin = Instant::now();
        harness.signal(signal);
        assert_eq!(harness.ended(PATIENCE).code(), Some(code), "cut short by {signal:?}");
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    }
}

#[test]
fn a_drain_that_hangs_is_cut_short_at_its_deadline() {
    let home = Home::new();
    let stages = Stages::new(&home);
    let mut harness = harness::in_home(&home).env(FAULT_FILE, stages.path()).start().armed();
    stages.set("drain", "hang", 0);
    harness.signal(Signal::TERM);
    assert_eq!(harness.ended(PATIENCE).code(), Some(143));
}

#[test]
fn sighup_reloads_and_reads_everything_again() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    let mark = harness.mark();
    harness.signal(Signal::HUP);
    let reloaded = harness.reloaded(mark);
    assert_eq!(reloaded.cause_kinds(), ["signal"]);
    assert_ne!(harness.health().pid, before.pid);
}

#[test]
fn sigusr1_restarts_the_child() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    let mark = harness.mark();
    harness.signal(Signal::USR1);
    let reloaded = harness.reloaded(mark);
    assert_eq!(reloaded.cause_kinds(), ["signal"]);
    assert_eq!(harness.health().generation, before.generation + 1);
}

#[test]
fn a_reload_on_demand_refuses_a_broken_config() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    Save::Rename.write(&home.config(), "{ broken");
    harness.kept(mark);
    let before = harness.health();
    let mark = harness.mark();
    harness.signal(Signal::HUP);
    harness.kept(mark);
    assert_eq!(harness.health(), before);
    Save::Rename.write(&home.config(), &config_text(&home, "Mended", ""));
    harness.reloaded(mark);
}

#[test]
fn a_signal_during_the_start_ends_everything() {
    for delay in [0, 1, 3, 6, 10, 20, 40] {
        let home = Home::new();
        let mut harness = harness::in_home(&home).spawn();
        wait::pass(Duration::from_millis(delay));
        harness.signal(Signal::TERM);
        let status = harness.ended(PATIENCE);
        // Before the handler stands, the signal itself ends the process.
        assert!(status.code() == Some(0) || status.signal() == Some(15), "after {delay} ms: {status}");
    }
}

#[test]
fn a_stopped_harness_goes_on_where_it_was() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    harness.signal(Signal::STOP);
    let mark = harness.mark();
    for turn in 0..2000 {
        std::fs::write(home.workspace().join("AGENTS.md"), format!("# Write {turn}\n")).unwrap();
    }
    assert_eq!(harness.health(), before, "the gateway serves while the harness is suspended");
    harness.signal(Signal::CONT);
    harness.reloaded(mark);
    harness.assert_quiet(harness.mark(), "a respawn without a reason after the suspension");
}
