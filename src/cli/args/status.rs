//! `gateway status`, `status`.

use clap::Args;

use super::ClientArgs;

/// Options of `gateway status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    /// Look at the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Do not connect: look at the service and the process alone.
    #[arg(long)]
    pub(crate) no_probe: bool,
    /// Look for other gateways that are installed, too.
    #[arg(long)]
    pub(crate) deep: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct OverviewArgs {
    /// Look at the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Look for other gateways that are installed, too.
    #[arg(long)]
    pub(crate) all: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
