//! Generations that die, hang, or refuse to go. Whoever serves keeps serving.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::faults::{FAULT_FILE, Fault, Program, Stages};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness::{self, Harness};
use crate::support::home::{Home, config_text};
use crate::support::process;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire, agent_name};

/// How late an answer may be while tests share the machine, where the service itself has no gap.
const LATE: Duration = Duration::from_secs(2);

/// How late while nobody serves for a moment: connections wait in the queue of the socket.
const QUEUED: Duration = Duration::from_secs(4);

fn with_stages(home: &Home) -> (Stages, Harness) {
    let stages = Stages::new(home);
    let harness = harness::in_home(home).env(FAULT_FILE, stages.path()).start().armed();
    (stages, harness)
}

fn edit(home: &Home, text: &str) {
    Save::Plain.write(&home.workspace().join("AGENTS.md"), text);
}

#[test]
fn a_killed_child_comes_back_and_nobody_is_refused() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let hammer = Hammer::paced(harness.address(), Traffic::Health, Duration::from_millis(2));
    for _ in 0..4 {
        let before = harness.health();
        let mark = harness.mark();
        process::signal(before.pid, Signal::KILL);
        let crashed = harness.wait_from(mark, "crashed", |event| event.is("crashed"));
        assert_eq!(crashed.pid(), before.pid);
        assert!(crashed.value["retryInMs"].is_number(), "{}", crashed.value);
        assert!(crashed.message().contains("KILL") || crashed.message().contains('9'), "{}", crashed.value);
        let back = harness.reloaded(mark);
        assert_eq!(back.cause_kinds(), ["crash"], "{}", back.value);
        assert!(back.generation() > before.generation);
    }
    let tally = hammer.stop();
    // A connection that the killed process had accepted is cut by its death; none is refused or forgotten.
    assert_eq!((tally.refused, tally.timed_out), (0, 0), "refused, timed out");
    assert!(tally.reset <= 40, "{} cut connections for 4 kills", tally.reset);
    assert!(tally.worst() < QUEUED, "{:?}", tally.worst());
}

#[test]
fn a_build_that_dies_at_start_leaves_the_old_one_serving() {
    let home = Home::new();
    let program = Program::install(&home);
    let harness = harness::in_home(&home).binary(program.path()).start().armed();
    let before = harness.health();
    let hammer = Hammer::paced(harness.address(), Traffic::Health, Duration::from_millis(2));
    let mark = harness.mark();
    program.replace(Fault::DiesAtStart);
    let kept = harness.kept(mark);
    assert_eq!(kept.pid(), before.pid);
    assert!(kept.value["tail"].to_string().contains("cannot find my marbles"), "{}", kept.value);
    assert!(kept.message().contains('3'), "the exit code is told: {}", kept.value);
    harness.assert_quiet(harness.mark(), "a second attempt without a change");
    assert_eq!(harness.starts(mark), 1, "one attempt for one build");
    assert_eq!(harness.health(), before);
    let mark = harness.mark();
    program.rebuild();
    harness.reloaded(mark);
    hammer.stop().assert_served(LATE);
}

#[test]
fn a_candidate_that_fails_while_it_loads_changes_nothing() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    for action in ["abort", "exit"] {
        let before = harness.health();
        stages.set("prepare", action, before.generation + 1);
        let mark = harness.mark();
        edit(&home, &format!("# {action}\n"));
        let kept = harness.kept(mark);
        assert_eq!(kept.pid(), before.pid, "{action}: {}", kept.value);
        assert_eq!(harness.health(), before, "{action}");
        stages.clear();
        let mark = harness.mark();
        edit(&home, &format!("# after {action}\n"));
        harness.reloaded(mark);
    }
}

#[test]
fn a_candidate_that_dies_at_takeover_is_followed_by_another() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    for (stage, action) in
        [("ready", "abort"), ("ready", "exit"), ("activate", "abort"), ("activate", "exit")]
    {
        let hammer = Hammer::paced(harness.address(), Traffic::Health, Duration::from_millis(2));
        let mark = harness.mark();
        stages.set(stage, action, harness.health().generation + 1);
        edit(&home, &format!("# dies by {action} at {stage}\n"));
        harness.wait_from(mark, "end of the candidate", |event| event.is("crashed") || event.is("kept"));
        stages.clear();
        edit(&home, &format!("# does not die by {action} at {stage}\n"));
        harness.reloaded(mark);
        let tally = hammer.stop();
        assert_eq!((tally.refused, tally.timed_out), (0, 0), "refused, timed out: {action} at {stage}");
    }
}

#[test]
fn a_config_that_kills_its_generation_is_rolled_back_in_memory() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    let mark = harness.mark();
    let good = config_text(&home, "Good", "");
    Save::Rename.write(&home.config(), &good);
    harness.reloaded(mark);
    // Longer than the probation of a generation, so that its plan counts as good.
    wait::pass(Duration::from_millis(1500));
    let bad = config_text(&home, "Bad", "");
    let generation = harness.health().generation;
    let mark = harness.mark();
    stages.set("serving", "abort", generation + 1);
    Save::Rename.write(&home.config(), &bad);
    let crashed = harness.wait_from(mark, "crashed", |event| event.is("crashed"));
    stages.clear();
    assert_eq!(crashed.value["rollback"], true, "{}", crashed.value);
    harness.wait_from(mark, "rollback", |event| {
        event.is("reloaded") && event.cause_kinds().contains(&"rollback")
    });
    assert_eq!(agent_name(harness.address()).as_deref(), Ok("Good"));
    assert_eq!(std::fs::read_to_string(home.config()).unwrap(), bad, "the file is the person's");
}

#[test]
fn retries_grow_and_an_edit_retries_at_once() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    let mark = harness.mark();
    stages.set("serving", "exit", 2);
    process::signal(harness.health().pid, Signal::KILL);
    let mut delays = Vec::new();
    let mut from = mark;
    while delays.len() < 4 {
        let crashed = harness.wait_from(from, "crashed", |event| event.is("crashed"));
        delays.extend(crashed.value["retryInMs"].as_f64());
        from += harness.since(from).iter().position(|event| event.value == crashed.value).unwrap() + 1;
    }
    assert!(delays[3] > delays[1], "the delay grows: {delays:?}");
    stages.clear();
    let mark = harness.mark();
    let begin = Instant::now();
    edit(&home, "# mended\n");
    harness.reloaded(mark);
    assert!(begin.elapsed() < Duration::from_secs(5), "an edit does not wait for the delay");
}

#[test]
fn a_candidate_that_hangs_is_given_up() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    let before = harness.health();
    let mark = harness.mark();
    stages.set("prepare", "hang", before.generation + 1);
    edit(&home, "# hangs\n");
    let kept = harness.kept(mark);
    assert_eq!(kept.pid(), before.pid);
    assert_eq!(harness.health(), before);
    stages.clear();
    let mark = harness.mark();
    edit(&home, "# does not hang\n");
    harness.reloaded(mark);
}

#[test]
fn an_old_generation_that_does_not_release_is_not_waited_for() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    let hammer = Hammer::paced(harness.address(), Traffic::Health, Duration::from_millis(2));
    let before = harness.health();
    stages.set("drain", "hang", 1);
    let mark = harness.mark();
    edit(&home, "# the old one hangs in its drain\n");
    let reloaded = harness.reloaded(mark);
    stages.clear();
    assert_ne!(reloaded.pid(), before.pid);
    wait::until("the old generation is gone", PATIENCE, || process::one(before.pid).is_none().then_some(()));
    let tally = hammer.stop();
    assert_eq!((tally.refused, tally.timed_out), (0, 0), "refused, timed out");
}

#[test]
fn an_old_generation_that_hangs_after_its_release_is_killed() {
    let home = Home::new();
    let (stages, harness) = with_stages(&home);
    let before = harness.health();
    stages.set("released", "hang", 1);
    let mark = harness.mark();
    edit(&home, "# the old one does not go\n");
    harness.reloaded(mark);
    stages.clear();
    wait::until("the old generation is gone", PATIENCE, || process::one(before.pid).is_none().then_some(()));
}

#[test]
fn a_generation_that_ignores_sigterm_does_not_delay_the_next() {
    let home = Home::new();
    let program = Program::install(&home);
    let harness = harness::in_home(&home).binary(program.path()).start().armed();
    let mark = harness.mark();
    program.replace(Fault::IgnoresTerm);
    let stubborn = harness.reloaded(mark);
    let mark = harness.mark();
    let begin = Instant::now();
    edit(&home, "# next\n");
    harness.reloaded(mark);
    assert!(begin.elapsed() < LATE, "{:?}", begin.elapsed());
    wait::until("the stubborn one is gone", PATIENCE, || {
        process::one(stubborn.pid()).is_none().then_some(())
    });
}

#[test]
fn a_client_that_never_answers_does_not_hold_the_old_generation() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    // Connected, and deaf from now on: it neither reads nor answers the close frame.
    let (deaf, _) = Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap();
    let mark = harness.mark();
    edit(&home, "# while a client is deaf\n");
    harness.reloaded(mark);
    assert_ne!(harness.health().pid, before.pid);
    wait::until("the old generation is gone", PATIENCE, || process::one(before.pid).is_none().then_some(()));
    drop(deaf);
}

#[test]
fn a_stopped_generation_is_found_and_replaced() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let before = harness.health();
    let mark = harness.mark();
    process::signal(before.pid, Signal::STOP);
    // The heartbeat decides; it is slow on purpose, so this waits longer than other tests.
    let hung = harness.try_wait(mark, Duration::from_secs(45), |event| event.is("hung"));
    assert!(hung.is_ok(), "{hung:?}");
    harness.reloaded(mark);
    assert!(process::one(before.pid).is_none(), "the hung one is gone");
}
