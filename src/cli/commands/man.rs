//! `man`: the manual, one page per command.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use crate::cli::args::{Cli, ManArgs};
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;

/// Prints the main page, or writes all pages into a directory.
pub(crate) fn run(args: &ManArgs, printer: &Printer) -> Result<ExitCode, ExpectedError> {
    match &args.dir {
        None => printer.text(main_page().map_err(|error| failed("make the page", &error))?.trim_end()),
        Some(dir) => {
            let pages = write(dir).map_err(|error| failed(&format!("write to {}", dir.display()), &error))?;
            printer.text(&format!("{pages} pages are in {}", dir.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn main_page() -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Returns how many pages there are.
fn write(dir: &Path) -> io::Result<usize> {
    fs::create_dir_all(dir)?;
    generate_to(Cli::command(), dir)?;
    Ok(count(&Cli::command()))
}

fn count(command: &clap::Command) -> usize {
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    1 + visible.map(count).sum::<usize>()
}

fn failed(what: &str, error: &io::Error) -> ExpectedError {
    ExpectedError::Failed(format!("Error: failed to {what}: {error}."))
}
