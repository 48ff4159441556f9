//! `configure`.

use clap::Args;

use crate::cli::values;

/// Options of `configure`.
#[derive(Debug, Args)]
pub(crate) struct ConfigureArgs {
    /// Ask about this alone (repeatable).
    #[arg(long, value_name = "NAME", value_parser = values::section())]
    pub(crate) section: Vec<Section>,
    /// Profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
}

/// What can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Port and addresses.
    Gateway,
    /// How clients authenticate.
    Auth,
    /// Exposure by Tailscale.
    Tailscale,
    /// Where the agents work.
    Workspace,
}
