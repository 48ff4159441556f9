//! `doctor`.

use clap::Args;

/// Options of `doctor`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct DoctorArgs {
    /// Do what is safe: take permissions from others, make directories, remove a stale runtime file, move keys of the
    /// configuration to where they count.
    #[arg(long, alias = "repair")]
    pub(crate) fix: bool,
    /// Nothing is ever asked; for scripts that say so.
    #[arg(long)]
    non_interactive: bool,
    /// Likewise.
    #[arg(long)]
    yes: bool,
    /// How long to wait for what does not answer, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 2_000)]
    pub(crate) timeout_ms: u64,
    /// Examine profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
