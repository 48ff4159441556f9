//! `reset` and `uninstall`.

use clap::Args;

use crate::cli::values;

/// Options of `reset`.
#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// How much: the configuration; credentials and sessions too; or everything, with the workspaces.
    #[arg(long, value_name = "SCOPE", value_parser = values::reset_scope())]
    pub(crate) scope: Option<ResetScope>,
    /// How it is done.
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
}

/// How much `reset` removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResetScope {
    /// The configuration file.
    Config,
    /// Credentials and sessions too.
    Records,
    /// The state directory and the workspaces.
    Full,
}

/// Options of `uninstall`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct UninstallArgs {
    /// The service.
    #[arg(long)]
    pub(crate) service: bool,
    /// The state directory with everything in it, and the configuration.
    #[arg(long)]
    pub(crate) state: bool,
    /// The workspaces.
    #[arg(long)]
    pub(crate) workspace: bool,
    /// All of these.
    #[arg(long)]
    pub(crate) all: bool,
    /// How it is done.
    #[command(flatten)]
    pub(crate) removal: RemovalArgs,
}

/// Options of both.
#[derive(Debug, Clone, Copy, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct RemovalArgs {
    /// Do not ask whether that is meant.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Ask nothing; needs --yes.
    #[arg(long)]
    pub(crate) non_interactive: bool,
    /// Say what would be removed, and remove nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also remove a directory that is, or holds, a git checkout with unsaved work.
    #[arg(long)]
    pub(crate) discard_unsaved: bool,
    /// Profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print JSON; asks nothing either.
    #[arg(long)]
    pub(crate) json: bool,
}
