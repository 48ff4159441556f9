//! `gateway usage-cost`.

use clap::Args;

use super::ClientArgs;

/// Options of `gateway usage-cost`.
#[derive(Debug, Clone, Args)]
pub(crate) struct UsageCostArgs {
    /// How many days to sum up.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub(crate) days: u32,
    /// Ask the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
