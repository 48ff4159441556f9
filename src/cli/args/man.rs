//! `man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Options of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this directory, which is made when it is missing; without it, the main page
    /// is printed.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}
