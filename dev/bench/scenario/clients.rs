//! One new connection every millisecond, while reloads of every kind happen.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use super::subject::{LOST, Subject};
use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::stats;
use crate::support::edits::Save;
use crate::support::faults::{Fault, Program};
use crate::support::hammer::{Hammer, Tally, Traffic};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::wait;

/// Half of the reloads under requests, half under complete hellos.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let (mut reloads, mut lost) = (0, 0);
    for (name, traffic) in [("health", Traffic::Health), ("hello", Traffic::Hello)] {
        let home = Home::new();
        let program = Program::install_from(&options.binary, &home);
        let extra = home.path().join("extra");
        fs::create_dir_all(&extra).expect("extra folder");
        let watch = extra.display().to_string();
        let harness = harness::in_home(&home).binary(program.path()).arg("--watch").arg(watch).start();
        let mut subject = Subject::of(home, harness);
        let hammer = Hammer::start(subject.address, traffic);
        for turn in 0..options.rounds(150) {
            let mark = subject.harness.mark();
            edit(&mut subject, &program, turn);
            match subject.harness.try_wait(mark, LOST, |event| event.is("reloaded")) {
                Ok(_) => reloads += 1,
                Err(_) => lost += 1,
            }
            wait::pass(Duration::from_millis(20 + machine::below(80)));
        }
        put(figures, name, &hammer.stop());
    }
    figures.put("clients.reloads", stats::count(reloads));
    figures.put("clients.lost", stats::count(lost));
}

fn edit(subject: &mut Subject, program: &Program, turn: usize) {
    let home = subject.home.path().to_owned();
    match turn % 10 {
        0 => _ = subject.save(Save::Plain),
        1 => _ = subject.save(Save::Rename),
        2 => _ = subject.save(Save::Vim),
        3 => {
            let (text, _) = subject.config();
            Save::Rename.write(&subject.home.config(), &text);
        }
        4 => _ = Save::Plain.write(&home.join(".clawdbot-dev/.env"), &format!("TURN={turn}\n")),
        5 => _ = Save::Plain.write(&home.join("extra").join("notes.txt"), &format!("{turn}\n")),
        6 => subject.harness.signal(Signal::HUP),
        7 => subject.harness.signal(Signal::USR1),
        8 => program.rebuild(),
        _ => program.replace(Fault::StartsSlowly),
    }
}

fn put(figures: &mut Figures, name: &str, tally: &Tally) {
    let id = |figure: &str| format!("clients.{name}.{figure}");
    figures.put(&id("sent"), stats::count(tally.sent()));
    figures.put(&id("refused"), stats::count(tally.refused));
    figures.put(&id("reset"), stats::count(tally.reset));
    figures.put(&id("timeout"), stats::count(tally.timed_out + tally.other.len()));
    figures.put(&id("worst"), tally.worst().as_secs_f64() * 1e3);
    if let Some(text) = tally.other.first() {
        crate::report::line(&format!("  {} unexpected answers, the first: {text}", tally.other.len()));
    }
}
