//! The command line, as close to what was typed as possible; nothing is resolved here.
//!
//! `--dev` is declared at every level, because its place says which port is meant. Every option of the run works
//! on either side of `run`; what stands closer to the command wins.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use super::values;
use crate::config::schema::LogLevel;
use crate::settings::{AuthMode, BindMode, Secret};

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
    /// How much is written to the log.
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
    Gateway(GatewayArgs),
}

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
}

/// Options of `gateway` and `gateway run`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct RunArgs {
    /// Port to listen on; 0 picks a free one.
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) port: Option<u16>,
    /// Addresses to listen on.
    #[arg(long, value_name = "MODE", value_parser = values::bind_mode())]
    pub(crate) bind: Option<BindMode>,
    /// Token that clients have to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// How clients authenticate.
    #[arg(long, value_name = "MODE", value_parser = values::auth_mode())]
    pub(crate) auth: Option<AuthMode>,
    /// Password that clients have to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) password: Option<Secret>,
    /// Start although the configuration does not say gateway.mode=local.
    #[arg(long)]
    pub(crate) allow_unconfigured: bool,
    /// Develop: use profile `dev`, seed it, and reload on every edit.
    #[arg(long)]
    pub(crate) dev: bool,
    /// With --dev: remove the dev configuration, credentials, sessions, and workspace first.
    #[arg(long)]
    pub(crate) reset: bool,
    /// With --reset: also remove a workspace that is a git checkout with unsaved work.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Log more to the terminal.
    #[arg(long)]
    pub(crate) verbose: bool,
    /// With --dev: also reload when something below PATH changes (repeatable).
    #[arg(long, value_name = "PATH")]
    pub(crate) watch: Vec<PathBuf>,
    /// With --dev: paths whose changes do not count (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(crate) ignore: Vec<String>,
    /// With --dev: print one JSON object per state change instead of lines for people.
    #[arg(long, value_name = "FORMAT", value_parser = values::events_format())]
    pub(crate) events: Option<EventsFormat>,
}

/// Form of the state changes on stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventsFormat {
    /// One JSON object per line.
    Json,
}

/// How to reach a running gateway.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClientArgs {
    /// The gateway's WebSocket address; without it, the profile's own gateway.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Token to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) token: Option<Secret>,
    /// Password to send.
    #[arg(long, value_parser = values::secret)]
    pub(crate) password: Option<Secret>,
    /// How long to wait for an answer, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 10_000)]
    pub(crate) timeout_ms: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `gateway health`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HealthArgs {
    /// Ask the gateway of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// How to reach it.
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

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

// === impl RunArgs ===

impl RunArgs {
    /// These options, completed by those of the level above.
    pub(crate) fn completed_by(self, outer: Self) -> Self {
        Self {
            port: self.port.or(outer.port),
            bind: self.bind.or(outer.bind),
            token: self.token.or(outer.token),
            auth: self.auth.or(outer.auth),
            password: self.password.or(outer.password),
            allow_unconfigured: self.allow_unconfigured || outer.allow_unconfigured,
            dev: self.dev || outer.dev,
            reset: self.reset || outer.reset,
            yes: self.yes || outer.yes,
            verbose: self.verbose || outer.verbose,
            watch: [outer.watch, self.watch].concat(),
            ignore: [outer.ignore, self.ignore].concat(),
            events: self.events.or(outer.events),
        }
    }

    /// The first option that means nothing to a command that only talks to a gateway.
    pub(crate) fn first_of_the_run(&self) -> Option<&'static str> {
        let typed = [
            (self.port.is_some(), "--port"),
            (self.bind.is_some(), "--bind"),
            (self.auth.is_some(), "--auth"),
            (self.allow_unconfigured, "--allow-unconfigured"),
            (self.verbose, "--verbose"),
        ];
        self.first_of_dev_mode().or(typed.into_iter().find_map(|(typed, name)| typed.then_some(name)))
    }

    /// The first option that means nothing outside dev mode.
    pub(crate) fn first_of_dev_mode(&self) -> Option<&'static str> {
        let typed = [
            (self.reset, "--reset"),
            (self.yes, "--yes"),
            (!self.watch.is_empty(), "--watch"),
            (!self.ignore.is_empty(), "--ignore"),
            (self.events.is_some(), "--events"),
        ];
        typed.into_iter().find_map(|(typed, name)| typed.then_some(name))
    }
}

impl ClientArgs {
    /// These options, completed by those that stood before the command's name.
    pub(crate) fn completed_by(self, outer: RunArgs) -> Self {
        Self { token: self.token.or(outer.token), password: self.password.or(outer.password), ..self }
    }
}

#[cfg(test)]
mod tests;
