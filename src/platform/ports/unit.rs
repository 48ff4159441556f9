//! Whether systemd would start a process again that is about to be ended.

use super::holder::HolderProcess;
use super::origin::Origin;
use super::victims::Untouchable;
use crate::platform::exec::{CommandLine, CommandRunner, ExecError};

/// The first of `victims` that its unit would start again. A process that is somewhere in the same unit as this one
/// is not its main process: both were started by hand, from within it.
pub(super) fn managed(
    victims: &[HolderProcess],
    own: Option<&Origin>,
    runner: &dyn CommandRunner,
) -> Option<Untouchable> {
    victims.iter().find_map(|victim| {
        let origin = victim.origin.as_ref().filter(|origin| Some(*origin) != own)?;
        let Origin::Unit { name, of_user } = origin else { return None };
        starts_again(victim.pid, name, *of_user, runner).then(|| Untouchable::Managed {
            pid: victim.pid,
            command: victim.command.clone(),
            unit: name.clone(),
            stop: origin.stop_command().unwrap_or_default(),
        })
    })
}

/// Asks the manager. One that is there and cannot be asked counts as one that would: ending a service behind its
/// manager's back helps nobody.
fn starts_again(pid: u32, unit: &str, of_user: bool, runner: &dyn CommandRunner) -> bool {
    let manager: &[&str] = if of_user { &["--user"] } else { &[] };
    let show = ["show", "--property=MainPID", "--property=Restart", unit];
    match runner.run(&CommandLine::new("systemctl").args(manager).args(show)) {
        Ok(output) if output.success() => {
            let property = |name: &str| output.stdout.lines().find_map(|line| line.strip_prefix(name));
            property("MainPID=") == Some(pid.to_string().as_str()) && property("Restart=") != Some("no")
        }
        Err(ExecError::NotFound(_)) => false,
        Ok(_) | Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::exec::recording::RecordingRunner;

    const USER: &str = "systemctl --user show --property=MainPID --property=Restart gateway.service";
    const SYSTEM: &str = "systemctl show --property=MainPID --property=Restart gateway.service";

    fn unit(of_user: bool) -> Origin {
        Origin::Unit { name: "gateway.service".to_owned(), of_user }
    }

    #[track_caller]
    fn check(origin: Option<Origin>, own: Option<&Origin>, runner: &RecordingRunner, expected: Option<&str>) {
        let victim = HolderProcess {
            pid: 12,
            command: "clawdbot".to_owned(),
            cmdline: Vec::new(),
            age: None,
            started: None,
            origin,
        };
        let found = managed(&[victim], own, runner);
        assert_eq!(found.and_then(|found| found.way_out()).as_deref(), expected);
        runner.assert_done();
    }

    #[test]
    fn only_the_main_process_of_a_unit_that_restarts_it() {
        let says = |command: &str, text: &str| RecordingRunner::default().says(command, 0, text);
        let stop = Some("systemctl --user stop gateway.service");
        check(Some(unit(true)), None, &says(USER, "MainPID=12\nRestart=always\n"), stop);
        check(Some(unit(true)), None, &says(USER, "MainPID=12\nRestart=no\n"), None);
        check(Some(unit(true)), None, &says(USER, "MainPID=11\nRestart=always\n"), None);
        let stop = Some("sudo systemctl stop gateway.service");
        check(Some(unit(false)), None, &says(SYSTEM, "Restart=on-failure\nMainPID=12\n"), stop);
        check(Some(unit(false)), None, &RecordingRunner::default().says(SYSTEM, 1, ""), stop);
    }

    #[test]
    fn where_nobody_manages_nobody_is_asked() {
        let parent = Origin::Parent { pid: 3, command: "zsh".to_owned() };
        check(None, None, &RecordingRunner::default(), None);
        check(Some(parent), None, &RecordingRunner::default(), None);
        check(Some(unit(true)), Some(&unit(true)), &RecordingRunner::default(), None);
        let missing = Err(ExecError::NotFound("systemctl".to_owned()));
        check(Some(unit(true)), None, &RecordingRunner::default().answer(USER, missing), None);
    }
}
