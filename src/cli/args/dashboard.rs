//! `dashboard`.

use clap::Args;

/// Options of `dashboard`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DashboardArgs {
    /// Print URL but do not launch a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
    /// That of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
