//! `gateway` and what it can do.

use clap::{Args, Subcommand};

use super::{CallArgs, HealthArgs, LogsArgs, LookCommand, RunArgs, ServiceCommand, examples};

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
    #[command(after_help = examples::GATEWAY_RUN)]
    Run(RunArgs),
    /// Ask a running gateway how it is.
    #[command(after_help = examples::GATEWAY_HEALTH)]
    Health(HealthArgs),
    /// Call one method of a running gateway.
    #[command(after_help = examples::GATEWAY_CALL)]
    Call(CallArgs),
    /// Show what the gateway logged, whether it runs or not.
    #[command(after_help = examples::GATEWAY_LOGS)]
    Logs(Box<LogsArgs>),
    /// Look at gateways.
    #[command(flatten)]
    Look(LookCommand),
    /// The gateway as a service.
    #[command(flatten)]
    Service(ServiceCommand),
}
