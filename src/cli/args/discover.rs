//! `gateway discover`.

use clap::Args;

/// Options of `gateway discover`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiscoverArgs {
    /// How long to look, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 2_000)]
    pub(crate) timeout_ms: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
