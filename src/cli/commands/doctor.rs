//! `clawdbot doctor`.

use std::process::ExitCode;
use std::time::Duration;

use crate::cli::args::DoctorArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::cli::output::doctor::{Look, screen, to_json};
use crate::client::DeviceIdentity;
use crate::config::Config;
use crate::doctor::{Scene, StateFile, examine, treat};
use crate::gateway::state_files::{self, Subject};
use crate::harness::check_isolation;
use crate::profile::{ProfilePaths, ResolvedProfile};

/// Columns where there is no terminal.
const WIDTH: usize = 80;

/// Examines the profile, treats it when that is asked for, and says what is left. Fails when there is an error left.
pub(crate) fn run(
    args: &DoctorArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<ExitCode, ExpectedError> {
    let paths = &profile.paths;
    check_isolation(paths, &paths.state_dir)?;
    let limit = Duration::from_millis(args.timeout_ms);
    let scene = Scene { profile, limit, read_state };
    let report = if args.fix { treat(&scene) } else { examine(&scene) };
    let report =
        report.map_err(|error| ExpectedError::Failed(format!("failed to look at this machine: {error}")))?;
    if args.json {
        printer.json(&to_json(&report));
    } else {
        let look = Look {
            width: printer.columns().unwrap_or(WIDTH),
            paint: printer.paint(),
            command: format!("{} doctor --fix", paths.command()),
            home: &paths.home,
        };
        printer.text(&screen(&report, &look));
    }
    Ok(if report.summary().errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The files of the state, read by the gateway's readers and by the client's.
fn read_state(paths: &ProfilePaths, config: &Config) -> Vec<StateFile> {
    let mut files: Vec<StateFile> = state_files::examine(paths, config)
        .into_iter()
        .map(|file| {
            let (holds, consequence) = words(file.subject);
            StateFile { path: file.path, holds, consequence, problem: file.problem }
        })
        .collect();
    if let Err(error) = DeviceIdentity::check(&paths.state_dir) {
        files.push(StateFile {
            path: paths.state_dir.join("identity").join("device.json"),
            holds: "identity of this machine's commands",
            consequence: "Commands do not connect. Without the file they make another identity, which has to be approved.",
            problem: Some(error.cause()),
        });
    }
    files
}

fn words(subject: Subject) -> (&'static str, &'static str) {
    match subject {
        Subject::Sessions => {
            ("sessions", "They are not shown, and no session of that agent is changed or written.")
        }
        Subject::Devices => {
            ("devices", "The next start moves it aside; the devices in it have to be approved again.")
        }
        Subject::Nodes => {
            ("nodes", "It is moved aside when it is needed; the nodes in it have to be paired again.")
        }
        Subject::Approvals => ("approvals", "What agents may run is neither shown nor changed."),
        Subject::Jobs => ("jobs", "The next start moves it aside and takes the jobs from jobs.json.bak."),
        Subject::Settings => ("settings", "It is moved aside when it is needed; the defaults count then."),
    }
}
