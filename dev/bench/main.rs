//! Benchmark of the development harness: `cargo bench --bench reload`.
//!
//! Every figure is taken from outside, with the real binary in homes of its own: what a person at an editor and
//! a client on the port would see. The table of figures and targets is in [`targets`]; `dev/CONTRIBUTING.md` says
//! how to read it.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark that cannot measure stops")]

use std::process::ExitCode;

mod baseline;
mod figures;
mod load;
mod machine;
mod options;
mod report;
mod scenario;
mod stats;
#[path = "../../tests/it/support/mod.rs"]
#[expect(dead_code, reason = "shared with the integration tests, which use all of it")]
mod support;
mod targets;

fn main() -> ExitCode {
    let options = match options::parse() {
        Ok(options) => options,
        Err(text) => {
            report::line(&text);
            return ExitCode::from(2);
        }
    };
    let mut figures = figures::Figures::default();
    figures.put(targets::CALIBRATION, machine::spawn_ms());
    for (name, run) in scenario::ALL {
        if options.runs(name) {
            report::line(&format!("… {name}"));
            run(&options, &mut figures);
        }
    }
    let baseline = baseline::read();
    report::table(&figures, baseline.as_ref());
    report::write(&figures, &options);
    if options.save_baseline {
        baseline::write(&figures);
    }
    if options.check && !report::regressions(&figures, baseline.as_ref()).is_empty() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
