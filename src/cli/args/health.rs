//! `gateway health`.

use clap::Args;

use super::ClientArgs;

/// Options of `gateway health`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HealthArgs {
    /// Ask the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
