//! A hundred writes in a fifth of a second, as a branch switch makes them.

use std::fs;
use std::time::Duration;

use super::subject::Subject;
use crate::figures::Figures;
use crate::machine::between;
use crate::options::Options;
use crate::report;
use crate::stats;
use crate::support::edits::Save;
use crate::support::wait;

/// The last write is the config, so that its content shows when everything has arrived.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let mut subject = Subject::start(options);
    let (mut times, mut respawns, mut lost) = (Vec::new(), Vec::new(), 0);
    for round in 0..options.rounds(20) {
        let (old, mark) = (subject.generation(), subject.harness.mark());
        for turn in 0..99 {
            let file = subject.home.workspace().join(format!("note-{:02}.md", turn % 20));
            fs::write(file, format!("Round {round}, write {turn}.\n")).expect("note");
            wait::pass(Duration::from_millis(2));
        }
        let (text, name) = subject.config();
        let saved = Save::Plain.write(&subject.home.config(), &text);
        match subject.fresh_name(&name) {
            Some(answered) => times.push(between(saved, answered)),
            None => lost += 1,
        }
        // Whatever the burst still causes belongs to it.
        wait::pass(Duration::from_millis(700));
        subject.settle();
        let generations = usize::try_from(subject.generation() - old).unwrap_or(usize::MAX);
        respawns.push(stats::count(generations));
        if generations > 2 {
            for event in subject.harness.since(mark) {
                report::line(&format!("  {}", event.value));
            }
        }
    }
    figures.put_spread("burst.fresh", &times);
    figures.put("burst.respawns.max", stats::max(&respawns));
    let before = figures.get("save.lost").unwrap_or(0.0);
    figures.put("save.lost", before + stats::count(lost));
}
