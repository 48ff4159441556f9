//! Questions to a person at a terminal.

use std::io::{self, BufRead};

use super::output::Printer;
use crate::platform::terminal;

/// Whether somebody can be asked: input and questions are on a terminal.
pub(crate) fn possible() -> bool {
    terminal::stdin_is_terminal() && terminal::stderr_is_terminal()
}

/// Asks for a line; `default` when it is left empty, `None` when the input ends.
pub(crate) fn line(printer: &Printer, question: &str, default: &str) -> io::Result<Option<String>> {
    let shown = if default.is_empty() { String::new() } else { format!(" [{default}]") };
    printer.ask(&format!("{question}{shown}: "));
    let mut answer = String::new();
    if io::stdin().lock().read_line(&mut answer)? == 0 {
        return Ok(None);
    }
    let answer = answer.trim();
    Ok(Some(if answer.is_empty() { default } else { answer }.to_owned()))
}

/// Asks for a line that is not shown; `None` when the input ends.
pub(crate) fn hidden(printer: &Printer, question: &str) -> io::Result<Option<String>> {
    let answer = terminal::hidden_line(|| printer.ask(&format!("{question} (not shown): ")));
    // The line break was not shown either.
    printer.error("");
    answer
}

/// Asks until the answer is yes or no; an empty one is yes, and so is no answer at all a no.
pub(crate) fn yes(printer: &Printer, question: &str) -> io::Result<bool> {
    loop {
        match line(printer, &format!("{question} (yes, no)"), "yes")?.as_deref() {
            Some("yes" | "y" | "Yes" | "Y") => return Ok(true),
            None | Some("no" | "n" | "No" | "N") => return Ok(false),
            Some(_) => {}
        }
    }
}
