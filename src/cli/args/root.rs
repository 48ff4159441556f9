//! The program itself: the options of every command, and the commands.

use clap::{ArgAction, Args, Parser, Subcommand};

use super::{
    CompletionsArgs, ConfigArgs, ConfigureArgs, CronArgs, DashboardArgs, DevArgs, DoctorArgs, GatewayArgs,
    HealthArgs, LogsArgs, ManArgs, OnboardArgs, OverviewArgs, ResetArgs, ServiceCommand, SetupArgs,
    StatusArgs, UninstallArgs, examples,
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
    max_term_width = 100,
    after_help = examples::CLAWDBOT
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
    #[command(after_help = examples::GATEWAY)]
    Gateway(Box<GatewayArgs>),
    /// Show the gateway, its sessions, and what to do next.
    #[command(after_help = examples::STATUS)]
    Status(OverviewArgs),
    /// Ask a running gateway how it is, and what agents and sessions it has.
    #[command(after_help = examples::HEALTH)]
    Health(HealthArgs),
    /// Open the Control UI with your current token.
    #[command(after_help = examples::DASHBOARD)]
    Dashboard(DashboardArgs),
    /// The gateway's service: `daemon install` is `gateway install`, and so on.
    #[command(hide = true)]
    Daemon(DaemonArgs),
    /// Show, add, change, and run jobs that a running gateway does on time.
    #[command(after_help = examples::CRON)]
    Cron(CronArgs),
    /// Read, change, check, and explain the configuration.
    #[command(after_help = examples::CONFIG)]
    Config(ConfigArgs),
    /// Make a configuration that the gateway starts with.
    #[command(after_help = examples::ONBOARD)]
    Onboard(Box<OnboardArgs>),
    /// Show what the gateway logged, whether it runs or not (the same as `gateway logs`).
    #[command(after_help = examples::LOGS)]
    Logs(Box<LogsArgs>),
    /// Find what is wrong with this installation, and what helps; exit code 1 when there is a problem.
    #[command(after_help = examples::DOCTOR)]
    Doctor(DoctorArgs),
    /// Change the configuration in a conversation, section by section.
    #[command(after_help = examples::CONFIGURE)]
    Configure(ConfigureArgs),
    /// Make what a first start needs, without a question.
    #[command(after_help = examples::SETUP)]
    Setup(SetupArgs),
    /// Remove the configuration, and more when asked to.
    #[command(after_help = examples::RESET)]
    Reset(ResetArgs),
    /// Remove the service, the state, and the workspaces.
    #[command(after_help = examples::UNINSTALL)]
    Uninstall(UninstallArgs),
    /// Run tests and reproduce bugs around gateways of their own.
    #[command(after_help = examples::DEV)]
    Dev(Box<DevArgs>),
    /// Print the script that makes a shell complete command lines of this program.
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write the pages of all commands.
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
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
