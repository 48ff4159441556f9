//! The command line of the benchmark.

use std::path::PathBuf;
use std::time::Duration;

use crate::scenario;
use crate::support::program::BINARY;

/// What to measure, and what to do with it.
#[derive(Debug)]
pub(crate) struct Options {
    /// The program under test.
    pub(crate) binary: PathBuf,
    /// A tenth of the rounds: to try the benchmark, not to judge by it.
    pub(crate) quick: bool,
    /// Scenarios to run; empty for all.
    pub(crate) only: Vec<String>,
    /// Where the figures go besides `dev/bench/out/latest.json`.
    pub(crate) json: Option<PathBuf>,
    /// Replace the stored baseline.
    pub(crate) save_baseline: bool,
    /// Fail on a regression.
    pub(crate) check: bool,
}

impl Options {
    /// Whether scenario `name` was asked for.
    pub(crate) fn runs(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name || is_group(wanted, name))
    }

    /// `full` rounds, or a tenth of them.
    pub(crate) fn rounds(&self, full: usize) -> usize {
        if self.quick { (full / 10).max(3) } else { full }
    }

    /// `full` time, or a tenth of it.
    pub(crate) fn duration(&self, full: Duration) -> Duration {
        if self.quick { full / 10 } else { full }
    }
}

/// Whether `wanted` stands for several scenarios, of which `name` is one: `protocol` for `protocol.health`.
fn is_group(wanted: &str, name: &str) -> bool {
    scenario::ALL.iter().all(|(known, _)| *known != wanted)
        && name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// Reads the command line. The error is the text to show.
pub(crate) fn parse() -> Result<Options, String> {
    let mut options = Options {
        binary: PathBuf::from(BINARY),
        quick: false,
        only: Vec::new(),
        json: None,
        save_baseline: false,
        check: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| usage(&format!("{argument} needs a value")));
        match argument.as_str() {
            // Cargo passes it to every benchmark.
            "--bench" => {}
            "--quick" => options.quick = true,
            "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
            "--binary" => options.binary = PathBuf::from(value()?),
            "--json" => options.json = Some(PathBuf::from(value()?)),
            "--save-baseline" => options.save_baseline = true,
            "--check" => options.check = true,
            other => return Err(usage(&format!("unknown argument {other}"))),
        }
    }
    if options.save_baseline && (options.quick || !options.only.is_empty()) {
        return Err(usage("a baseline is a full run: neither --quick nor --only"));
    }
    let is_known =
        |wanted: &str| scenario::ALL.iter().any(|(name, _)| *name == wanted || is_group(wanted, name));
    match options.only.iter().find(|wanted| !is_known(wanted)) {
        Some(unknown) => Err(usage(&format!("no scenario {unknown}"))),
        None => Ok(options),
    }
}

fn usage(problem: &str) -> String {
    let names: Vec<&str> = scenario::ALL.iter().map(|(name, _)| *name).collect();
    format!(
        "{problem}\n\ncargo bench --bench reload [-- OPTIONS]\n  --quick            a tenth of the rounds\n  --only NAMES       \
         some of: {}\n  --binary PATH      another build of the program\n  --json PATH        write the figures there \
         too\n  --save-baseline    replace dev/bench/baseline.json\n  --check            fail when a figure is worse than \
         the baseline",
        names.join(",")
    )
}
