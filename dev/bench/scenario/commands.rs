//! Commands that a person waits for.

use super::subject::Subject;
use crate::figures::Figures;
use crate::options::Options;
use crate::stats;
use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{Run, command, fresh_mark};

/// Gateways that `gateway probe` finds.
const PROBED: usize = 10;

/// `--version`; `gateway health` and `gateway status` against a gateway that serves, the latter without a service manager
/// to ask; `gateway probe` over ten gateways.
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
    figures.put("command.status.p50", {
        let times: Vec<f64> = (0..options.rounds(30))
            .map(|_| {
                let run = Run::of(&options.binary, &subject.home, &["gateway", "--dev", "status"]);
                run.env("PATH", "").finish().expect_code(0).took.as_secs_f64() * 1e3
            })
            .collect();
        stats::median(&times)
    });
    figures.put("command.probe.p50", probe(options));
}

fn probe(options: &Options) -> f64 {
    let home = Home::new();
    let start = |index: usize| {
        let name = format!("p{index}");
        let mut gateway = command(&options.binary, home.path(), &fresh_mark());
        gateway.args(["--profile", &name, "gateway", "--allow-unconfigured", "--port", "0"]);
        Started::of(gateway)
    };
    let gateways: Vec<Started> = (0..PROBED).map(start).collect();
    let times: Vec<f64> = (0..options.rounds(30))
        .map(|_| {
            let arguments = ["--profile", "p0", "gateway", "probe"];
            let finished = Run::of(&options.binary, &home, &arguments).finish().expect_code(0);
            finished.took.as_secs_f64() * 1e3
        })
        .collect();
    drop(gateways);
    stats::median(&times)
}
