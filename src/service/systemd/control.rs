//! The three programs that reach a user's manager, and what their failures mean.

use std::collections::BTreeMap;
use std::time::Duration;

use super::hints::hints;
use super::show::{self, PROPERTIES, Shown};
use super::unit;
use crate::platform::exec::{CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::platform::surroundings::Surroundings;
use crate::service::ServiceError;

/// How long a unit may take to start or stop: longer than units allow themselves that name no limit.
const JOB: Duration = Duration::from_secs(100);

/// `systemctl`, `journalctl`, and `loginctl` about one unit of this user.
#[derive(Debug)]
pub(super) struct Control<'a> {
    pub(super) unit: String,
    pub(super) runner: &'a dyn CommandRunner,
    /// Asked for only when something is wrong.
    pub(super) around: fn() -> Surroundings,
}

impl Control<'_> {
    /// What the manager says of the unit.
    pub(super) fn show(&self) -> Result<Shown, ServiceError> {
        let output = self.systemctl(&["show", PROPERTIES, &self.unit])?;
        show::parse(&output.stdout).ok_or_else(|| ServiceError::Answer {
            command: "systemctl show".to_owned(),
            said: first_line(&output.stdout, "nothing"),
        })
    }

    /// The manager reads its files again.
    pub(super) fn reload(&self) -> Result<(), ServiceError> {
        self.systemctl(&["daemon-reload"]).map(drop)
    }

    /// One operation on the unit; returns when it is done.
    pub(super) fn unit(&self, words: &[&str]) -> Result<(), ServiceError> {
        let words: Vec<&str> = words.iter().copied().chain([self.unit.as_str()]).collect();
        self.run(&Self::user_command(&words).timeout(JOB), words[0]).map(drop)
    }

    /// What every service gets from the manager.
    pub(super) fn environment(&self) -> Result<BTreeMap<String, String>, ServiceError> {
        Ok(variables(&self.systemctl(&["show-environment"])?.stdout))
    }

    /// What the unit's own processes have printed in a run.
    pub(super) fn printed(&self, invocation: &str, most: usize) -> Vec<String> {
        let journal = CommandLine::new("journalctl").args([
            "--quiet",
            "--no-pager",
            "--output=cat",
            &format!("--lines={most}"),
            &format!("_SYSTEMD_INVOCATION_ID={invocation}"),
        ]);
        // Whatever goes wrong here, there is something more important to be told.
        let output = self.runner.run(&journal.env("LC_ALL", "C")).ok().filter(CommandOutput::success);
        output.map(|output| output.stdout.lines().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Whether the user's manager outlives the last session.
    pub(super) fn lingers(&self) -> Option<bool> {
        let user = (self.around)().user?;
        let asked = CommandLine::new("loginctl").args(["show-user", &user, "--property=Linger"]);
        match self.runner.run(&asked).ok()?.stdout.trim() {
            "Linger=yes" => Some(true),
            "Linger=no" => Some(false),
            _ => None,
        }
    }

    /// Has it do so.
    pub(super) fn linger(&self) -> Result<(), ServiceError> {
        let wanted =
            CommandLine::new("loginctl").args(["--no-ask-password", "enable-linger"]).env("LC_ALL", "C");
        let output = self.runner.run(&wanted)?;
        if output.success() {
            return Ok(());
        }
        let user = (self.around)().user.unwrap_or_else(|| "\"$USER\"".to_owned());
        Err(ServiceError::Step {
            step: "loginctl enable-linger".to_owned(),
            said: format!(
                "{}. Run: sudo loginctl enable-linger {user}",
                first_line(&output.stderr, "no reason given").trim_end_matches('.')
            ),
        })
    }

    fn systemctl(&self, words: &[&str]) -> Result<CommandOutput, ServiceError> {
        self.run(&Self::user_command(words), words[0])
    }

    fn user_command(words: &[&str]) -> CommandLine {
        CommandLine::new("systemctl").args(["--user", "--no-pager"]).args(words).env("LC_ALL", "C")
    }

    fn run(&self, command: &CommandLine, verb: &str) -> Result<CommandOutput, ServiceError> {
        let output = match self.runner.run(command) {
            Err(ExecError::NotFound(_)) => {
                return Err(self.unavailable(
                    "systemctl not available; systemd user services are required on Linux.".to_owned(),
                ));
            }
            other => other?,
        };
        if output.success() {
            return Ok(output);
        }
        let said = first_line(&output.stderr, "no reason given");
        let cut_off = ["Failed to connect to bus", "Failed to get D-Bus connection", "has not been booted"]
            .iter()
            .any(|sign| output.stderr.contains(sign));
        Err(if cut_off {
            self.unavailable(format!("systemctl --user unavailable: {said}"))
        } else {
            ServiceError::Step { step: format!("systemctl {verb}"), said }
        })
    }

    fn unavailable(&self, detail: String) -> ServiceError {
        ServiceError::Unavailable { detail, hints: hints(&(self.around)()) }
    }
}

/// The first line that says anything, of a length that can be read.
fn first_line(text: &str, otherwise: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(otherwise);
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// `NAME=VALUE` lines; a value with anything special in it stands in `$'…'`.
fn variables(text: &str) -> BTreeMap<String, String> {
    let plain = |value: &str| match value.strip_prefix("$'") {
        Some(_) => unit::words(&value[1..]).concat(),
        None => value.to_owned(),
    };
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_read() {
        let found = variables("HOME=/home/you\nA=$'b \\'c\\'\\n'\nEMPTY=\nnonsense\nURL=a=b\n");
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, [("A", "b 'c'\n"), ("EMPTY", ""), ("HOME", "/home/you"), ("URL", "a=b")]);
    }

    #[test]
    fn a_line_is_one_that_can_be_read() {
        assert_eq!(first_line("\n  \n x\x1b[31m \ny", "none"), "x[31m");
        assert_eq!(first_line(" \n", "none"), "none");
        assert_eq!(first_line(&"x".repeat(5000), "none").len(), 200);
    }
}
