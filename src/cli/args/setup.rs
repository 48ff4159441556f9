//! `setup`.

use clap::{Args, ValueHint};

/// Options of `setup`.
#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// Workspace of the agents.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) workspace: Option<String>,
    /// Profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
