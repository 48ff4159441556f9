//! What can be asked, in the form that the terminal allows.

use std::io;

use super::{lines, screen};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::platform::terminal;
use crate::profile::{EnvMap, vars};
use crate::settings::Secret;

/// Whether somebody can be asked: input and questions are on a terminal.
pub(crate) fn possible() -> bool {
    terminal::stdin_is_terminal() && terminal::stderr_is_terminal()
}

/// Asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prompt<'a> {
    printer: &'a Printer,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    /// Lists with arrow keys, text that can be edited.
    Screen,
    /// A question and a line.
    Lines,
}

/// One of several answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// What is typed where nothing can be drawn.
    pub(crate) name: &'static str,
    /// What that means, in a few words.
    pub(crate) meaning: &'static str,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    /// Ctrl-C, Ctrl-D, or Escape.
    #[error("interrupted")]
    Interrupted,
    /// The terminal failed.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

impl Stopped {
    /// The failure of a command that wrote and removed nothing before it asked; `done` says so.
    pub(crate) fn before(self, done: &str) -> ExpectedError {
        match self {
            Self::Interrupted => ExpectedError::Cancelled(done.to_owned()),
            Self::Failed(error) => ExpectedError::Failed(format!("Error: failed to ask: {error}. {done}")),
        }
    }
}

impl<'a> Prompt<'a> {
    /// Asks on the terminal that `env` describes.
    pub(crate) fn new(printer: &'a Printer, env: &EnvMap) -> Self {
        let form = if terminal::can_be_drawn_on(env.get(vars::TERM)) { Form::Screen } else { Form::Lines };
        Self { printer, form }
    }

    /// Yes or no.
    pub(crate) fn confirm(&self, question: &str, default: bool) -> Result<bool, Stopped> {
        match self.form {
            Form::Screen => screen::confirm(question, default, self.printer),
            Form::Lines => lines::confirm(question, default, self.printer),
        }
    }

    /// One of `choices`, by its index; `current` is proposed.
    pub(crate) fn select(
        &self,
        question: &str,
        choices: &[Choice],
        current: usize,
    ) -> Result<usize, Stopped> {
        match self.form {
            Form::Screen => screen::select(question, choices, current, self.printer),
            Form::Lines => lines::select(question, choices, current, self.printer),
        }
    }

    /// A text that `parse` accepts; `current` is proposed. The error of `parse` says what would be accepted.
    pub(crate) fn text<T>(
        &self,
        question: &str,
        current: &str,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, Stopped> {
        match self.form {
            Form::Screen => screen::text(question, current, parse, self.printer),
            Form::Lines => lines::text(question, current, parse, self.printer),
        }
    }

    /// A text that is not shown and not empty.
    pub(crate) fn secret(&self, question: &str) -> Result<Secret, Stopped> {
        match self.form {
            Form::Screen => screen::secret(question, self.printer),
            Form::Lines => lines::secret(question, self.printer),
        }
    }
}
