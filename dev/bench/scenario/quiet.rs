//! Saves that change nothing, saves that are wrong, and a child that cannot start.

use std::fs;
use std::time::Duration;

use super::subject::{LOST, Subject};
use crate::figures::Figures;
use crate::machine::between;
use crate::options::Options;
use crate::stats;
use crate::support::edits::{self, Save};
use crate::support::faults::{Fault, Program};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::wait;

/// How long after the last save a respawn is still blamed on it.
const BLAME: Duration = Duration::from_secs(1);

/// Respawns that must not happen, and how soon a diagnosis comes.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    without_effect(options, figures);
    broken(options, figures);
    crash_at_start(options, figures);
}

/// A save without effect.
#[derive(Debug, Clone, Copy)]
enum Idle {
    Same,
    Touch,
    Droppings,
    Git,
    Comment,
}

fn without_effect(options: &Options, figures: &mut Figures) {
    let mut subject = Subject::start(options);
    let (config, _) = subject.config();
    fs::write(subject.home.config(), &config).expect("config");
    wait::pass(BLAME);
    let text = fs::read_to_string(subject.file()).expect("AGENTS.md");
    for (id, kind) in [
        ("quiet.same", Idle::Same),
        ("quiet.touch", Idle::Touch),
        ("quiet.droppings", Idle::Droppings),
        ("quiet.git", Idle::Git),
        ("quiet.comment", Idle::Comment),
    ] {
        let old = subject.generation();
        for turn in 0..5 {
            match kind {
                Idle::Same => _ = Save::Plain.write(&subject.file(), &text),
                Idle::Touch => edits::touch(&subject.file()),
                Idle::Droppings => edits::droppings(&subject.file()),
                Idle::Git => edits::git_churn(&subject.home.workspace(), 20),
                Idle::Comment => {
                    Save::Rename.write(&subject.home.config(), &format!("// Comment {turn}.\n{config}"));
                }
            }
            wait::pass(Duration::from_millis(200));
        }
        wait::pass(BLAME);
        figures.put(id, respawns(&subject, old));
    }
}

fn broken(options: &Options, figures: &mut Figures) {
    let subject = Subject::start(options);
    let old = subject.generation();
    let good = fs::read_to_string(subject.home.config()).expect("config");
    let mut times = Vec::new();
    for round in 0..options.rounds(30) {
        let mark = subject.harness.mark();
        let wrong = match round % 3 {
            0 => format!("{{ gateway: {{ mode: \"local\", // round {round}\n"),
            1 => format!("{{ gateway: {{ mode: \"local\", prot: {round} }} }}\n"),
            _ => format!("{{ gateway: {{ mode: \"local\", port: \"port {round}\" }} }}\n"),
        };
        let saved = Save::Rename.write(&subject.home.config(), &wrong);
        if let Ok(kept) = subject.harness.try_wait(mark, LOST, |event| event.is("kept")) {
            times.push(between(saved, kept.at));
        } else {
            crate::report::line(&format!("  no diagnosis of {wrong:?}"));
        }
        Save::Rename.write(&subject.home.config(), &good);
        subject.settle();
    }
    figures.put_spread("broken.diagnosis", &times);
    figures.put("broken.respawns", respawns(&subject, old));
}

fn crash_at_start(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    let program = Program::install_from(&options.binary, &home);
    let harness = harness::in_home(&home).binary(program.path()).start();
    let subject = Subject::of(home, harness);
    let mark = subject.harness.mark();
    let hammer = Hammer::start(subject.address, Traffic::Health);
    program.replace(Fault::DiesAtStart);
    wait::pass(Duration::from_secs(2));
    figures.put("crash.unserved", stats::count(hammer.stop().failed()));
    let starts = subject.harness.since(mark).iter().filter(|event| event.is("reloading")).count();
    figures.put("crash.respawns", stats::count(starts));
}

fn respawns(subject: &Subject, old: u64) -> f64 {
    stats::count(usize::try_from(subject.generation() - old).unwrap_or(usize::MAX))
}
