//! `gateway logs` and `logs`.

use clap::Args;

use super::ClientArgs;
use crate::cli::values::{self, Since};
use crate::config::schema::LogLevel;

/// Options of `gateway logs`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogsArgs {
    /// Go on with new lines as they are written.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Leave out what is older: 10m, 2h, 1d ago, or a time such as 2026-11-29T08:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = values::since)]
    pub(crate) since: Option<Since>,
    /// Leave out what is less important.
    #[arg(long, value_name = "LEVEL", value_parser = values::shown_level())]
    pub(crate) level: Option<LogLevel>,
    /// Most lines to begin with; 200, or with --since all of them.
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Most bytes to ask a gateway for (--url).
    #[arg(long, value_name = "BYTES", default_value_t = 250_000)]
    pub(crate) max_bytes: u64,
    /// How often --follow looks where nothing announces new lines (--url, network drives), in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(50..))]
    pub(crate) interval: u64,
    /// The same as --no-color.
    #[arg(long)]
    pub(crate) plain: bool,
    /// Show the log of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Asks a running gateway, with --url, instead of reading the file.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}
