//! A question and a line, for terminals that cannot be drawn on.

use std::io::{self, BufRead};

use super::{Choice, Stopped};
use crate::cli::output::Printer;
use crate::platform::terminal;
use crate::settings::Secret;

pub(super) fn confirm(question: &str, default: bool, printer: &Printer) -> Result<bool, Stopped> {
    let proposed = if default { "yes" } else { "no" };
    text(&format!("{question} (yes, no)"), proposed, yes_or_no, printer)
}

fn yes_or_no(answer: &str) -> Result<bool, &'static str> {
    match answer.to_ascii_lowercase().as_str() {
        "yes" | "y" => Ok(true),
        "no" | "n" => Ok(false),
        _ => Err("yes or no"),
    }
}

pub(super) fn select(
    question: &str,
    choices: &[Choice],
    current: usize,
    printer: &Printer,
) -> Result<usize, Stopped> {
    for choice in choices {
        printer.error(&format!("  {}: {}", choice.name, choice.meaning));
    }
    let proposed = choices.get(current).map_or("", |choice| choice.name);
    loop {
        let answer = line(question, proposed, printer)?;
        if let Some(index) = choices.iter().position(|choice| choice.name == answer) {
            return Ok(index);
        }
        printer.error("Write one of these names.");
    }
}

pub(super) fn text<T>(
    question: &str,
    current: &str,
    parse: fn(&str) -> Result<T, &'static str>,
    printer: &Printer,
) -> Result<T, Stopped> {
    loop {
        match parse(&line(question, current, printer)?) {
            Ok(parsed) => return Ok(parsed),
            Err(legal) => printer.error(&format!("Write {legal}.")),
        }
    }
}

pub(super) fn secret(question: &str, printer: &Printer) -> Result<Secret, Stopped> {
    loop {
        let answer = terminal::hidden_line(|| printer.ask(&format!("{question} (not shown): ")));
        // The line break was not shown either.
        printer.error("");
        let answer = answer?.ok_or(Stopped::Interrupted)?;
        if !answer.trim().is_empty() {
            return Ok(Secret::new(answer));
        }
        printer.error("Write at least one character.");
    }
}

/// A line; `default` when it is left empty.
fn line(question: &str, default: &str, printer: &Printer) -> Result<String, Stopped> {
    let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    printer.ask(&format!("{question}{shown}: "));
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        // The cursor still stands behind the question.
        printer.error("");
        return Err(Stopped::Interrupted);
    }
    let answer = answer.trim();
    Ok(if answer.is_empty() { default } else { answer }.to_owned())
}
