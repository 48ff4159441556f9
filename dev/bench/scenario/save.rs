//! From the end of a save to the first answer of a generation that carries it.

use super::subject::Subject;
use crate::figures::Figures;
use crate::machine::between;
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;

/// Every way to save a workspace file, and the config.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let mut subject = Subject::start(options);
    let mark = subject.harness.mark();
    let mut lost = 0;
    for way in Save::ALL {
        let mut times = Vec::new();
        for _ in 0..options.rounds(100) {
            let (begin, saved) = subject.save(way);
            match subject.fresh_hello(begin) {
                Some(answered) => times.push(between(saved, answered)),
                None => lost += 1,
            }
            subject.settle();
        }
        figures.put_spread(&format!("save.{}", way.name()), &times);
    }
    let mut times = Vec::new();
    for turn in 0..options.rounds(100) {
        let (text, name) = subject.config();
        let saved = Save::ALL[turn % Save::ALL.len()].write(&subject.home.config(), &text);
        match subject.fresh_name(&name) {
            Some(answered) => times.push(between(saved, answered)),
            None => lost += 1,
        }
        subject.settle();
    }
    figures.put_spread("save.config", &times);
    let mut times = Vec::new();
    for _ in 0..options.rounds(100) {
        let old = subject.generation();
        let (_, saved) = subject.save(Save::Plain);
        match subject.fresh_health(old) {
            Some(answered) => times.push(between(saved, answered)),
            None => lost += 1,
        }
        subject.settle();
    }
    figures.put_spread("save.health", &times);
    let told: Vec<f64> = subject.harness.since(mark).iter().filter_map(|event| event.ms("total")).collect();
    figures.put("save.told.p50", stats::median(&told));
    figures.put("save.lost", stats::count(lost));
}
