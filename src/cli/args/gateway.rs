//! `gateway` and what it can do.

use clap::{Args, Subcommand};

use super::{CallArgs, HealthArgs, LogsArgs, LookCommand, RunArgs, ServiceCommand};

/// `gateway`, which is `gateway run` when nothing follows.
#[derive(Debug, Args)]
pub(crate) struct GatewayArgs {
    /// Options of the run.
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// What to do instead of running.
    #[command(subcommand)]
    pub(crate) command: Option<GatewayCommand>,
}

/// What `gateway` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum GatewayCommand {
    /// Run the gateway in the foreground (the same as `gateway` alone).
    Run(RunArgs),
    /// Ask a running gateway how it is.
    Health(HealthArgs),
    /// Call one method of a running gateway.
    Call(CallArgs),
    /// Show what the gateway logged, whether it runs or not.
    Logs(Box<LogsArgs>),
    /// Look at gateways.
    #[command(flatten)]
    Look(LookCommand),
    /// The gateway as a service.
    #[command(flatten)]
    Service(ServiceCommand),
}
