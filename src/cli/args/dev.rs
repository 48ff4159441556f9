//! `dev` and what it can do.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::EventsFormat;
use crate::cli::values;

/// `dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: DevCommand,
}

/// What `dev` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum DevCommand {
    /// Run a command with a gateway of its own: ready before it starts, gone without a trace after it.
    Run(DevRunArgs),
}

/// Options of `dev run`.
#[derive(Debug, Args)]
pub(crate) struct DevRunArgs {
    /// Copy the home directory and everything in it from DIR first.
    #[arg(long, value_name = "DIR")]
    pub(crate) profile_from: Option<PathBuf>,
    /// A variable for the gateway and the command (repeatable).
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) env: Vec<(String, String)>,
    /// Keep the profile, and say where it is.
    #[arg(long)]
    pub(crate) keep: bool,
    /// When the command fails, copy the profile into a new directory below DIR.
    #[arg(long, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,
    /// End the command after this time: seconds, or with s, m, or h. Exit code 124.
    #[arg(long, value_name = "TIME", value_parser = values::time_limit)]
    pub(crate) timeout: Option<Duration>,
    /// Print one JSON object per state change on standard error instead of lines for people.
    #[arg(long, value_name = "FORMAT", value_parser = values::events_format())]
    pub(crate) events: Option<EventsFormat>,
    /// The command and its arguments.
    #[arg(required = true, last = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}
