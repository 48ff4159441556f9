//! A runner for tests: prepared answers, and a record of what was run.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::{CommandLine, CommandOutput, CommandRunner, ExecError};
use crate::platform::process::ExitReport;

/// Runs nothing. Answers come in the order in which they were prepared, each for the one command that it names.
#[derive(Debug, Default)]
pub(crate) struct RecordingRunner {
    answers: Mutex<VecDeque<(String, Result<CommandOutput, ExecError>)>>,
    commands: Mutex<Vec<CommandLine>>,
}

impl RecordingRunner {
    /// Prepares the answer to `command`, a program and its arguments with spaces in between.
    pub(crate) fn answer(self, command: &str, answer: Result<CommandOutput, ExecError>) -> Self {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back((command.to_owned(), answer));
        self
    }

    /// Prepares an answer with an exit code and a standard output.
    pub(crate) fn says(self, command: &str, code: i32, stdout: &str) -> Self {
        let exit = ExitReport { code: Some(code), ..ExitReport::default() };
        let output = CommandOutput { exit, stdout: stdout.to_owned(), stderr: String::new() };
        self.answer(command, Ok(output))
    }

    /// What was run so far.
    pub(crate) fn commands(&self) -> Vec<CommandLine> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Panics unless every prepared answer was given.
    #[track_caller]
    pub(crate) fn assert_done(&self) {
        let left = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(left.is_empty(), "never asked for: {left:?}");
    }
}

impl CommandRunner for RecordingRunner {
    fn run(&self, command: &CommandLine) -> Result<CommandOutput, ExecError> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command.clone());
        let words: Vec<_> = [&command.program].into_iter().chain(&command.arguments).collect();
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let (expected, answer) = next.unwrap_or_else(|| panic!("not prepared for: {}", words.join(" ")));
        assert_eq!(words.join(" "), expected);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_order_and_remembers() {
        let runner = RecordingRunner::default()
            .says("lsof -n", 1, "")
            .answer("lsof -P", Err(ExecError::NotFound("lsof".to_owned())));
        let command = |argument: &str| CommandLine::new("lsof").args([argument]);
        assert_eq!(runner.run(&command("-n")).unwrap().exit.code, Some(1));
        assert!(runner.run(&command("-P")).is_err());
        assert_eq!(runner.commands(), [command("-n"), command("-P")]);
        runner.assert_done();
    }
}
