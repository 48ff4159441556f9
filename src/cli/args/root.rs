//! The program itself: the options of every command, and the commands.

use clap::{ArgAction, Args, Parser, Subcommand};

use super::{
    ConfigArgs, DevArgs, DoctorArgs, GatewayArgs, HealthArgs, LogsArgs, OnboardArgs, OverviewArgs,
    ServiceCommand, StatusArgs,
};
use crate::cli::values;
use crate::config::schema::LogLevel;

/// A Clawdbot gateway and the hot-reloading development harness around it.
#[derive(Debug, Parser)]
#[command(
    name = "clawdbot",
    version,
    propagate_version = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    args_override_self = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Use profile `dev`: ~/.clawdbot-dev, ~/clawd-dev, port 19001.
    #[arg(long = "dev", id = "dev_before_command")]
    pub(crate) dev_before_command: bool,
    /// What applies to every command.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command accepts, on either side of its name.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Use the named profile: ~/.clawdbot-NAME and ~/clawd-NAME.
    // A missing value has a published text, so clap must not complain about it.
    #[arg(long, global = true, value_name = "NAME", num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    pub(crate) profile: Option<String>,
    /// Print without colours.
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// How much is logged, to the log file and to the terminal.
    #[arg(long, global = true, value_name = "LEVEL", value_parser = values::log_level())]
    pub(crate) log_level: Option<LogLevel>,
    /// Print the version.
    #[arg(short = 'V', short_alias = 'v', long, global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway, or talk to one that runs.
    Gateway(Box<GatewayArgs>),
    /// Show the gateway, its sessions, and what to do next.
    Status(OverviewArgs),
    /// Ask a running gateway how it is, and what agents and sessions it has.
    Health(HealthArgs),
    /// The gateway's service: `daemon install` is `gateway install`, and so on.
    #[command(hide = true)]
    Daemon(DaemonArgs),
    /// Read, change, check, and explain the configuration.
    Config(ConfigArgs),
    /// Make a configuration that the gateway starts with.
    Onboard(Box<OnboardArgs>),
    /// Show what the gateway logged, whether it runs or not (the same as `gateway logs`).
    Logs(Box<LogsArgs>),
    /// Find what is wrong with this installation, and what helps; exit code 1 when there is a problem.
    Doctor(DoctorArgs),
    /// Run tests and reproduce bugs around gateways of their own.
    Dev(Box<DevArgs>),
}

/// `daemon`, the older name of everything about the service.
#[derive(Debug, Args)]
pub(crate) struct DaemonArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: DaemonCommand,
}

/// What `daemon` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum DaemonCommand {
    /// Show the service and the gateway.
    Status(StatusArgs),
    /// The gateway as a service.
    #[command(flatten)]
    Service(ServiceCommand),
}
