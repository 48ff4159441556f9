//! Processes that outlive their harness.

use std::time::Duration;

use rustix::process::Signal;

use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;
use crate::support::faults::{Fault, Program};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::process;
use crate::support::wait;

/// Ends harnesses at random moments around a reload, every second one with grandchildren in sessions of their own.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    for (id, signal) in [("leftovers.term", Signal::TERM), ("leftovers.kill", Signal::KILL)] {
        let mut left = 0;
        for round in 0..options.rounds(50) {
            let daemons = round % 2 == 1;
            left += survivors(options, signal, daemons);
        }
        figures.put(id, stats::count(left));
    }
}

fn survivors(options: &Options, signal: Signal, daemons: bool) -> usize {
    let home = Home::new();
    let program = Program::install_from(&options.binary, &home);
    let mut harness = harness::in_home(&home).binary(program.path()).start();
    if daemons {
        let mark = harness.mark();
        program.replace(Fault::Daemon);
        let _ = harness.try_wait(mark, Duration::from_secs(5), |event| event.is("reloaded"));
    }
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# An edit, just before the end.\n");
    wait::pass(Duration::from_micros(machine::below(15_000)));
    let mut started = harness.processes();
    harness.signal(signal);
    // What is started between the list and the signal is found by its mark.
    started.extend(harness.processes());
    harness.ended(Duration::from_secs(10));
    started.extend(harness.processes());
    wait::pass(Duration::from_secs(1));
    started.sort();
    started.dedup();
    let left: Vec<_> = started.iter().filter(|process| process::runs(process)).collect();
    for process in &left {
        crate::report::line(&format!("  left after {signal:?}: {} {}", process.pid, process.command));
        process::kill(process);
    }
    left.len()
}
