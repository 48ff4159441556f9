//! Nothing is left behind: whatever ends, at whatever moment, takes everything that it started with it.
//!
//! Linux, because the proof reads `/proc`.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::faults::{FAULT_FILE, Fault, Program, Stages};
use crate::support::harness::{self, Harness};
use crate::support::home::Home;
use crate::support::process::{self, Process};
use crate::support::wait::{self, PATIENCE};

/// How soon everything must be gone once the harness is.
const SOON: Duration = Duration::from_secs(5);

#[track_caller]
fn assert_gone(processes: &[Process], what: &str) {
    let mut left = Vec::new();
    let end = std::time::Instant::now() + SOON;
    while std::time::Instant::now() < end {
        left = processes.iter().filter(|process| process::runs(process)).collect();
        if left.is_empty() {
            return;
        }
        wait::pass(Duration::from_millis(5));
    }
    panic!("left after {what}: {left:#?}");
}

/// Starts a harness whose generation has a grandchild made by `fault`; waits until that runs.
fn with_grandchild(home: &Home, fault: Fault) -> (Program, Harness, Process) {
    let program = Program::install(home);
    let harness = harness::in_home(home).binary(program.path()).start().armed();
    let mark = harness.mark();
    program.replace(fault);
    harness.reloaded(mark);
    let sleeper = wait::until("the grandchild runs", PATIENCE, || {
        harness.processes().into_iter().find(|process| process.command.starts_with("sleep 3600"))
    });
    (program, harness, sleeper)
}

#[test]
fn a_reload_takes_the_grandchildren_of_the_old_generation() {
    for fault in [Fault::Grandchild, Fault::Daemon] {
        let home = Home::new();
        let (program, harness, sleeper) = with_grandchild(&home, fault);
        let mark = harness.mark();
        program.rebuild();
        harness.reloaded(mark);
        assert_gone(std::slice::from_ref(&sleeper), &format!("a reload with {fault:?}"));
        assert!(harness.health().generation > 2);
    }
}

#[test]
fn a_crash_takes_the_grandchildren_too() {
    let home = Home::new();
    let (program, harness, sleeper) = with_grandchild(&home, Fault::Daemon);
    let mark = harness.mark();
    program.rebuild();
    harness.reloaded(mark);
    assert_gone(&[sleeper], "a reload");
    let mark = harness.mark();
    program.replace(Fault::Daemon);
    harness.reloaded(mark);
    let all = harness.processes();
    let sleeper = all.iter().find(|process| process.command.starts_with("sleep 3600")).unwrap().clone();
    process::signal(harness.health().pid, Signal::KILL);
    assert_gone(&[sleeper], "the death of their generation");
}

#[test]
fn the_end_of_the_harness_takes_everything() {
    for signal in [Signal::TERM, Signal::INT, Signal::KILL] {
        for fault in [Fault::None, Fault::Grandchild, Fault::Daemon, Fault::IgnoresTerm] {
            let home = Home::new();
            let program = Program::install(&home);
            let mut harness = harness::in_home(&home).binary(program.path()).start().armed();
            let mark = harness.mark();
            program.replace(fault);
            harness.reloaded(mark);
            let started = harness.processes();
            assert!(started.len() >= 2, "{started:#?}");
            harness.signal(signal);
            harness.ended(PATIENCE);
            assert_gone(&started, &format!("{signal:?} with {fault:?}"));
        }
    }
}

#[test]
fn a_harness_killed_at_any_moment_of_a_reload_leaves_nothing() {
    for step in 0..24 {
        let home = Home::new();
        let mut harness = harness::in_home(&home).start().armed();
        let mut started = harness.processes();
        Save::Plain.write(&home.workspace().join("AGENTS.md"), "# An edit, just before the end\n");
        wait::pass(Duration::from_micros(step * 700));
        started.extend(harness.processes());
        harness.signal(if step % 2 == 0 { Signal::KILL } else { Signal::TERM });
        started.extend(harness.processes());
        harness.ended(PATIENCE);
        started.extend(harness.processes());
        assert_gone(&started, &format!("an end {} µs after an edit", step * 700));
    }
}

#[test]
fn a_harness_killed_while_a_generation_hangs_at_a_stage_leaves_nothing() {
    for stage in ["prepare", "ready", "activate", "drain", "released"] {
        for signal in [Signal::KILL, Signal::TERM] {
            let home = Home::new();
            let stages = Stages::new(&home);
            let mut harness = harness::in_home(&home).env(FAULT_FILE, stages.path()).start().armed();
            stages.set(stage, "hang", u64::from(!matches!(stage, "drain" | "released")) * 2);
            let mark = harness.mark();
            Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Hang\n");
            harness.wait_from(mark, "reloading", |event| event.is("reloading"));
            let started = harness.processes();
            harness.signal(signal);
            harness.ended(PATIENCE);
            assert_gone(&started, &format!("{signal:?} while a generation hangs at {stage}"));
        }
    }
}

#[test]
fn a_killed_keeper_takes_its_generation_and_is_replaced() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let serving = process::one(harness.health().pid).unwrap();
    let keeper = process::one(serving.parent).unwrap();
    assert_ne!(keeper.pid, harness.pid(), "a keeper stands between harness and child");
    let mark = harness.mark();
    process::signal(keeper.pid, Signal::KILL);
    harness.reloaded(mark);
    assert_gone(&[serving, keeper], "the death of the keeper");
}

#[test]
fn reloads_do_not_pile_up() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let settled = |count: usize| {
        wait::until("as many processes as before", PATIENCE, || {
            let all = harness.processes();
            (all.len() == count).then_some(())
        });
    };
    let count = harness.processes().len();
    let descriptors = process::descriptors(harness.pid()).len();
    for round in 0..15 {
        let mark = harness.mark();
        Save::Rename.write(&home.workspace().join("AGENTS.md"), &format!("# Round {round}\n"));
        harness.reloaded(mark);
    }
    settled(count);
    // Those of the last generation are closed a moment after it has ended.
    wait::until("as many descriptors of the harness as before, or one more", PATIENCE, || {
        (process::descriptors(harness.pid()).len() <= descriptors + 1).then_some(())
    });
}

#[test]
fn a_child_inherits_its_sockets_and_nothing_else() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# Second generation\n");
    let child = harness.reloaded(mark).pid();
    let of_harness: Vec<String> =
        process::descriptors(harness.pid()).into_iter().map(|(_, target)| target).collect();
    let of_child = process::descriptors(child);
    let standard: Vec<&String> =
        of_child.iter().filter(|(number, _)| *number <= 2).map(|(_, target)| target).collect();
    for (number, target) in &of_child {
        // Anonymous inodes have no names of their own, and the child may have copies of its own three.
        let own =
            target.starts_with("anon_inode:") || target.starts_with("/dev/") || standard.contains(&target);
        let inherited = !own && of_harness.contains(target);
        assert!(
            !inherited || target.starts_with("socket:"),
            "descriptor {number} leaked to the child: {target}"
        );
        let watch = target.contains("inotify") || target.contains("harness.lock");
        assert!(!watch, "descriptor {number} is the harness's: {target}");
    }
}
