//! What `launchctl print gui/<uid>/<label>` says. The format is none that Apple promises: what is missing is unknown,
//! and no line is needed. Pure.

use crate::service::{Definition, Runtime, ServiceStatus};

/// The lines that matter, of the service itself and not of the blocks within.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// Where it was loaded from.
    pub(super) path: Option<String>,
    /// `running`, `spawn scheduled`, `not running`, …
    pub(super) state: Option<String>,
    pub(super) pid: Option<u32>,
    /// How often it was started since it was loaded.
    pub(super) runs: Option<u32>,
    pub(super) last_exit: Option<i32>,
    pub(super) last_reason: Option<String>,
    /// What it was loaded with: the words, and lines such as `NAME => value`.
    arguments: Vec<String>,
    environment: Vec<String>,
}

impl Printed {
    /// Reads the output.
    pub(super) fn parse(output: &str) -> Self {
        let mut printed = Self::default();
        let mut depth = 0_usize;
        let mut block = "";
        for line in output.lines().map(str::trim) {
            if let Some(name) = line.strip_suffix(" = {") {
                depth += 1;
                block = name;
            } else if line == "}" {
                depth = depth.saturating_sub(1);
            } else if depth == 2 && block == "arguments" {
                printed.arguments.push(line.to_owned());
            } else if depth == 2 && block == "environment" {
                printed.environment.push(line.to_owned());
            } else if depth <= 1
                && let Some((name, value)) = line.split_once(" = ")
            {
                printed.take(name, value);
            }
        }
        printed
    }

    fn take(&mut self, name: &str, value: &str) {
        match name {
            "path" => self.path = Some(value.to_owned()),
            "state" => self.state = Some(value.to_owned()),
            "pid" => self.pid = value.parse().ok(),
            "runs" => self.runs = value.parse().ok(),
            // `78: EX_CONFIG`, `1`, `(never exited)`; the older name is `status`.
            "last exit code" | "last exit status" => {
                let (code, word) =
                    value.split_once(": ").map_or((value, None), |(code, word)| (code, Some(word)));
                self.last_exit = code.parse().ok();
                self.last_reason = self.last_reason.take().or_else(|| word.map(str::to_owned));
            }
            // `Killed: 9`.
            "last terminating signal" | "last exit reason" => self.last_reason = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Whether it was loaded with what a definition says by now, as far as can be seen.
    pub(super) fn was_loaded_from(&self, definition: &Definition) -> bool {
        let has_words =
            self.arguments.iter().map(String::as_str).eq(definition.argv.iter().map(|word| word.trim()));
        let has = |(name, value): (&String, &String)| {
            self.environment.iter().any(|line| *line == format!("{name} => {value}").trim())
        };
        has_words && definition.environment.iter().all(has)
    }

    /// Whether it runs.
    pub(super) fn runtime(&self) -> Runtime {
        match self.state.as_deref() {
            Some("running") => Runtime::Running,
            Some("spawn scheduled" | "spawning" | "xpcproxy") => Runtime::Starting,
            // A reason without an exit code is a signal.
            Some(_) if self.last_exit.map_or(self.last_reason.is_some(), |code| code != 0) => Runtime::Failed,
            Some(_) => Runtime::Stopped,
            None if self.pid.is_some() => Runtime::Running,
            None => Runtime::Unknown,
        }
    }

    /// How the last run ended, when one has.
    pub(super) fn ending(&self) -> Option<String> {
        match (self.last_exit, &self.last_reason) {
            (Some(code), _) => Some(format!("the gateway ended with exit code {code}")),
            (None, Some(reason)) => Some(format!("the gateway ended: {reason}")),
            (None, None) => None,
        }
    }

    /// The answer for everybody else.
    pub(super) fn status(self) -> ServiceStatus {
        ServiceStatus {
            loaded: true,
            runtime: self.runtime(),
            state: self.state,
            sub_state: None,
            pid: self.pid,
            last_exit: self.last_exit,
            last_reason: self.last_reason,
            restarts: None,
            last_run: None,
            detail: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        output: &str,
        runtime: Runtime,
        state: &str,
        pid: Option<u32>,
        exit: Option<i32>,
        reason: Option<&str>,
    ) {
        let status = Printed::parse(output).status();
        assert_eq!(
            (
                status.runtime,
                status.state.as_deref(),
                status.pid,
                status.last_exit,
                status.last_reason.as_deref()
            ),
            (runtime, Some(state), pid, exit, reason)
        );
    }

    #[test]
    fn only_the_lines_of_the_service_itself_count() {
        let running = include_str!("../../../fixtures/service/launchd/print-running.txt");
        check(running, Runtime::Running, "running", Some(4242), None, None);
        let path = Printed::parse(running).path;
        assert_eq!(path.as_deref(), Some("/Users/you/Library/LaunchAgents/com.clawdbot.gateway.plist"));
        let waiting = include_str!("../../../fixtures/service/launchd/print-throttled.txt");
        check(waiting, Runtime::Starting, "spawn scheduled", None, Some(78), Some("EX_CONFIG"));
        let killed = include_str!("../../../fixtures/service/launchd/print-killed.txt");
        check(killed, Runtime::Failed, "not running", None, None, Some("Killed: 9"));
    }

    #[test]
    fn an_output_that_nobody_foresaw_is_unknown_and_no_error() {
        for output in ["", "}\n}\n", "a = {\nb = {\n", "service\n\tstate is running\n"] {
            assert_eq!(Printed::parse(output).status().runtime, Runtime::Unknown, "{output:?}");
        }
        let old = "com.clawdbot.gateway = {\n\tstate = waiting\n\tlast exit status = 1\n}\n";
        check(old, Runtime::Failed, "waiting", None, Some(1), None);
    }
}
