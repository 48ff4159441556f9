//! Lists and editing, drawn by `inquire`. Its marks are ASCII, and everything that it shows ends with the question.

use std::fmt;

use inquire::error::CustomUserError;
use inquire::ui::RenderConfig;
use inquire::validator::{ErrorMessage, Validation};
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};

use super::{Choice, Stopped};
use crate::cli::output::Printer;
use crate::settings::Secret;

pub(super) fn confirm(question: &str, default: bool, printer: &Printer) -> Result<bool, Stopped> {
    let asked = Confirm::new(question).with_default(default).with_render_config(look(printer));
    asked.prompt().map_err(stopped)
}

pub(super) fn select(
    question: &str,
    choices: &[Choice],
    current: usize,
    printer: &Printer,
) -> Result<usize, Stopped> {
    let width = choices.iter().map(|choice| choice.name.len()).max().unwrap_or_default();
    let rows = choices.iter().map(|choice| Row { choice, width }).collect();
    let asked = Select::new(question, rows)
        .with_starting_cursor(current)
        .with_page_size(choices.len())
        .without_filtering()
        .with_help_message("Up and Down move, Enter takes, Esc stops")
        .with_formatter(&|row| row.value.choice.name.to_owned())
        .with_render_config(look(printer));
    asked.raw_prompt().map(|answer| answer.index).map_err(stopped)
}

pub(super) fn text<T>(
    question: &str,
    current: &str,
    parse: fn(&str) -> Result<T, &'static str>,
    printer: &Printer,
) -> Result<T, Stopped> {
    let check = move |answer: &str| -> Result<Validation, CustomUserError> {
        Ok(match parse(answer.trim()) {
            Ok(_) => Validation::Valid,
            Err(legal) => Validation::Invalid(ErrorMessage::Custom(format!("Write {legal}."))),
        })
    };
    let asked =
        Text::new(question).with_default(current).with_validator(check).with_render_config(look(printer));
    let answer = asked.prompt().map_err(stopped)?;
    // It was checked before it was taken.
    parse(answer.trim()).map_err(|legal| Stopped::Failed(std::io::Error::other(legal)))
}

pub(super) fn secret(question: &str, printer: &Printer) -> Result<Secret, Stopped> {
    let check = |answer: &str| -> Result<Validation, CustomUserError> {
        Ok(if answer.trim().is_empty() {
            Validation::Invalid(ErrorMessage::Custom("Write at least one character.".to_owned()))
        } else {
            Validation::Valid
        })
    };
    let asked = Password::new(question)
        .with_display_mode(PasswordDisplayMode::Masked)
        .with_display_toggle_enabled()
        .with_help_message("Ctrl-R shows it")
        .without_confirmation()
        .with_validator(check)
        .with_formatter(&|_| "set".to_owned())
        .with_render_config(look(printer));
    asked.prompt().map(Secret::new).map_err(stopped)
}

/// One line of a list.
struct Row<'a> {
    choice: &'a Choice,
    width: usize,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:width$}  {}", self.choice.name, self.choice.meaning, width = self.width)
    }
}

fn look(printer: &Printer) -> RenderConfig<'static> {
    if printer.colours_questions() { RenderConfig::default_colored() } else { RenderConfig::empty() }
}

fn stopped(error: InquireError) -> Stopped {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => Stopped::Interrupted,
        InquireError::IO(error) => Stopped::Failed(error),
        other => Stopped::Failed(std::io::Error::other(other.to_string())),
    }
}
