//! `gateway call`.

use clap::Args;

use super::ClientArgs;
use crate::cli::values;

/// Options of `gateway call`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CallArgs {
    /// The method, for example status.
    pub(crate) method: String,
    /// Its parameters.
    #[arg(long, value_name = "JSON", value_parser = values::json, default_value = "{}")]
    pub(crate) params: serde_json::Value,
    /// Ask the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
