//! A workspace with 50,000 files.

use std::fs;
use std::time::Duration;

use super::idle;
use super::start;
use super::subject::{Subject, name_known};
use crate::figures::Figures;
use crate::machine::{self, between};
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;
use crate::support::harness;
use crate::support::home::{self, Home};
use crate::support::process;
use crate::support::wait;

const FILES: usize = 50_000;
const PER_FOLDER: usize = 100;

/// Start, arming, edits during the start, idleness.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let empty = Home::new();
    let full = Home::new();
    fill(&full);
    for home in [&empty, &full] {
        let _ = start::start(options, home);
    }
    let (mut without, mut with, mut armed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds(30) {
        // In turn, so that the machine's moods fall on both.
        without.extend(start::start(options, &empty).1);
        let (harness, took) = start::start(options, &full);
        with.extend(took);
        if let Ok(event) = harness.try_wait(0, Duration::from_secs(10), |event| event.is("armed")) {
            armed.push(between(harness.begun, event.at));
        }
    }
    figures.put("tree.hello.p50", stats::median(&with));
    figures.put("tree.penalty", (stats::median(&with) - stats::median(&without)).max(0.0));
    if !armed.is_empty() {
        figures.put("tree.armed.p50", stats::median(&armed));
    }
    figures.put("tree.lost", stats::count(lost_at_start(options, &full)));

    let (harness, _) = start::start(options, &full);
    let subject = Subject::of(full, harness);
    let cost = idle::observe(&subject, options);
    figures.put("tree.cpu", cost.cpu_ms);
    figures.put("tree.rss", cost.rss);
    let watches: usize =
        subject.harness.processes().iter().map(|process| process::watches(process.pid)).sum();
    figures.put("tree.watches", stats::count(watches));
}

fn fill(home: &Home) {
    for folder in 0..FILES / PER_FOLDER {
        let path = home.workspace().join(format!("d{folder:04}"));
        fs::create_dir_all(&path).expect("folder");
        for file in 0..PER_FOLDER {
            fs::write(path.join(format!("n{file:03}.json")), "{}\n").expect("file");
        }
    }
}

/// Edits the config at a random moment of the first 200 ms, and asks later whether the gateway knows.
fn lost_at_start(options: &Options, home: &Home) -> usize {
    let mut lost = 0;
    for round in 0..options.rounds(30) {
        let name = format!("Early {round} {}", machine::below(1_000_000));
        let text = home::config_text(home, &name, "");
        let port = machine::free_port();
        let harness = harness::in_home(home).binary(&options.binary).port(port).spawn();
        wait::pass(Duration::from_micros(machine::below(200_000)));
        Save::Rename.write(&home.config(), &text);
        let address = harness.address();
        let known = (0..300).any(|_| {
            wait::pass(Duration::from_millis(10));
            name_known(address, &name)
        });
        lost += usize::from(!known);
    }
    lost
}
