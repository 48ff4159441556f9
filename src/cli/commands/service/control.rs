//! Starting, stopping, and removing what is installed.

use super::in_the_way::{in_the_way, running};
use super::outcome::{Done, Failure};
use super::run::Scene;
use crate::cli::commands::instance;
use crate::cli::error::ExpectedError;
use crate::service::{Definition, Runtime, ServiceError, ServiceStatus};

/// Lines of a failed run that are shown.
const LAST_LINES: usize = 8;
/// Exit status of a start that fails again until somebody changes something.
const REFUSED: i32 = 78;
/// Exit status of a process that did not become the program (systemd.exec(5)).
const NO_PROGRAM: i32 = 203;

/// What makes a service run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Start,
    Restart,
}

/// Starts the service, unless it runs already.
pub(super) fn start(scene: &Scene<'_>) -> Result<Done, Failure> {
    let (definition, status) = installed("start", scene)?;
    if status.runtime == Runtime::Running {
        let lines = Done::state(scene.manager.words(), &status);
        let note = "It ran already. A new configuration or program counts after: ".to_owned();
        let notes = vec![format!("{note}{} gateway restart", scene.profile.paths.command())];
        return Ok(Done { result: "already-running", lines, notes, status: Some(status), ..Done::default() });
    }
    started(Act::Start, &definition, &status, scene)
}

/// Restarts the service, or starts it when it does not run.
pub(super) fn restart(scene: &Scene<'_>) -> Result<Done, Failure> {
    let (definition, status) = installed("restart", scene)?;
    started(Act::Restart, &definition, &status, scene)
}

/// Stops the service.
pub(super) fn stop(scene: &Scene<'_>) -> Result<Done, Failure> {
    let manager = scene.manager.as_ref();
    let failure = |error| Failure::of("stop", error);
    let before = manager.status().map_err(failure)?;
    let Some(definition) = manager.definition().map_err(failure)? else {
        return Ok(nothing_to_stop(scene, before));
    };
    manager.stop().map_err(failure)?;
    let status = manager.status().map_err(failure)?;
    let mut lines = vec![format!("{} stopped: {}", manager.words().noun(), name(&definition))];
    lines.extend(Done::state(manager.words(), &status).pop());
    let mut notes = Vec::new();
    if let Some(note) = in_the_foreground(scene) {
        notes.push(note);
    } else if status.loaded {
        notes
            .push(format!("It starts again at login. To prevent that: {} gateway uninstall", command(scene)));
    }
    Ok(Done { result: "stopped", lines, notes, status: Some(status), ..Done::default() })
}

/// Stops the service and removes its definition. Configuration, state, and workspace stay.
pub(super) fn uninstall(scene: &Scene<'_>) -> Result<Done, Failure> {
    let manager = scene.manager.as_ref();
    let failure = |error| Failure::of("uninstall", error);
    let before = manager.status().map_err(failure)?;
    let path = manager.definition_path().display().to_string();
    if manager.definition().map_err(failure)?.is_none() {
        let line = format!("{} not found at {path}", manager.words().noun());
        return Ok(Done { result: "not-loaded", lines: vec![line], status: Some(before), ..Done::default() });
    }
    manager.uninstall().map_err(failure)?;
    let status = manager.status().map_err(failure)?;
    if status.loaded {
        return Err(Failure::failed("Gateway service still loaded after uninstall.".to_owned()));
    }
    let lines = vec![format!("{} removed: {path}", manager.words().noun())];
    let notes = vec![format!("Its data stays in {}", scene.profile.paths.state_dir.display())];
    Ok(Done { result: "uninstalled", lines, notes, status: Some(status), ..Done::default() })
}

/// Starts or restarts, and says how that went. Also what `install --start` does.
pub(super) fn started(
    act: Act,
    definition: &Definition,
    before: &ServiceStatus,
    scene: &Scene<'_>,
) -> Result<Done, Failure> {
    let manager = scene.manager.as_ref();
    let (action, result) = match act {
        Act::Start => ("start", "started"),
        Act::Restart => ("restart", "restarted"),
    };
    // The manager would have to start it to find out, and could show only what that one printed.
    if is_at_rest(before)
        && let Some(error) = in_the_way(&scene.profile.paths, definition.port())
    {
        return Err(Failure::new(error));
    }
    let done = match act {
        Act::Start => manager.start(),
        Act::Restart => manager.restart(),
    };
    done.map_err(|error| not_started(action, error, scene))?;
    let status = manager.status().map_err(|error| Failure::of(action, error))?;
    let lines = Done::state(manager.words(), &status);
    let mut notes = Vec::new();
    if !status.loaded {
        notes.push(format!(
            "It does not start at login. To have it do so: {} gateway install",
            command(scene)
        ));
    }
    Ok(Done { result, lines, notes, status: Some(status), ..Done::default() })
}

/// Whether it runs no process that has the port and the state.
pub(super) fn is_at_rest(status: &ServiceStatus) -> bool {
    !matches!(status.runtime, Runtime::Running | Runtime::Starting)
}

/// What is installed, and how it is.
fn installed(action: &str, scene: &Scene<'_>) -> Result<(Definition, ServiceStatus), Failure> {
    let manager = scene.manager.as_ref();
    let failure = |error| Failure::of(action, error);
    let status = manager.status().map_err(failure)?;
    if let Some(definition) = manager.definition().map_err(failure)? {
        return Ok((definition, status));
    }
    let text = format!("Gateway service {}: it is not installed.", manager.words().not_loaded);
    let command = command(scene);
    let hints = vec![
        format!("Install it: {command} gateway install --start"),
        format!("Or run it in the foreground: {command} gateway"),
    ];
    Err(Failure::failed(text).with("not-loaded", hints))
}

/// The manager's own reason is short; what the gateway printed says more.
fn not_started(action: &str, error: ServiceError, scene: &Scene<'_>) -> Failure {
    let manager = scene.manager.as_ref();
    if !matches!(error, ServiceError::Step { .. }) {
        return Failure::of(action, error);
    }
    let status = manager.status().ok();
    let exit = status.as_ref().and_then(|status| status.last_exit);
    let reason = match (exit, status.and_then(|status| status.last_reason)) {
        (Some(REFUSED), _) => "the gateway refuses to start".to_owned(),
        (Some(NO_PROGRAM), _) => "its program cannot be run; is it still where it was installed?".to_owned(),
        (Some(code), Some(_)) => format!("the gateway ended with exit code {code}"),
        (None, Some(reason)) => format!("the gateway ended: {reason}"),
        _ => error.to_string(),
    };
    let mut text = format!("Gateway {action} failed: {reason}");
    for line in manager.last_lines(LAST_LINES) {
        text.push_str("\n  ");
        text.extend(line.chars().filter(|c| !c.is_control()));
    }
    let hints = vec![format!("More: {}", manager.by_hand().log)];
    let error =
        if exit == Some(REFUSED) { ExpectedError::Refused(text) } else { ExpectedError::Failed(text) };
    Failure { hints, ..Failure::new(error) }
}

fn nothing_to_stop(scene: &Scene<'_>, status: ServiceStatus) -> Done {
    let words = scene.manager.words();
    let lines = vec![format!("Gateway service {}: it is not installed", words.not_loaded)];
    let notes = in_the_foreground(scene).into_iter().collect();
    Done { result: "not-loaded", lines, notes, status: Some(status), ..Done::default() }
}

/// A gateway of this profile that no manager stops.
fn in_the_foreground(scene: &Scene<'_>) -> Option<String> {
    let pid = instance::pid(&running(&scene.profile.paths)?)?;
    Some(format!("A gateway of this profile still runs (pid {pid}). To stop it: kill {pid}"))
}

fn name(definition: &Definition) -> String {
    definition.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn command(scene: &Scene<'_>) -> String {
    scene.profile.paths.command()
}
