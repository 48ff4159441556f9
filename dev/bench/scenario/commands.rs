//! Commands that a person waits for.

use super::subject::Subject;
use crate::figures::Figures;
use crate::options::Options;
use crate::stats;
use crate::support::program::Run;

/// `--version`, and `gateway health` against a gateway that serves.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let subject = Subject::start(options);
    let url = format!("ws://{}", subject.address);
    let wall = |arguments: &[&str]| {
        let times: Vec<f64> = (0..options.rounds(30))
            .map(|_| {
                let finished = Run::of(&options.binary, &subject.home, arguments).finish().expect_code(0);
                finished.took.as_secs_f64() * 1e3
            })
            .collect();
        stats::median(&times)
    };
    figures.put("command.version.p50", wall(&["--version"]));
    // The first call pairs the device; the median is one of the later ones.
    figures.put("command.health.p50", wall(&["gateway", "health", "--url", &url]));
}
