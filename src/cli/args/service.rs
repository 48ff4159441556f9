//! The gateway as a service: `gateway install`, `start`, and so on, and the same under `daemon`.

use clap::{Args, Subcommand};

use super::{RunArgs, examples};
use crate::cli::values;
use crate::settings::BindMode;

/// What can be done with the gateway's service.
#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Install the gateway as a service that starts at login.
    #[command(after_help = examples::GATEWAY_INSTALL)]
    Install(InstallArgs),
    /// Stop the service and remove it; data stays.
    #[command(after_help = examples::GATEWAY_UNINSTALL)]
    Uninstall(ServiceArgs),
    /// Start the service; returns when it serves.
    #[command(after_help = examples::GATEWAY_START)]
    Start(ServiceArgs),
    /// Stop the service; returns when it has stopped.
    #[command(after_help = examples::GATEWAY_STOP)]
    Stop(ServiceArgs),
    /// Restart the service; returns when the new process serves.
    #[command(after_help = examples::GATEWAY_RESTART)]
    Restart(ServiceArgs),
}

/// Options of `gateway install`.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "one per flag, as typed")]
pub(crate) struct InstallArgs {
    /// Install for profile `dev`, which is refused: a development gateway belongs to a terminal.
    #[arg(long, hide = true)]
    pub(crate) dev: bool,
    /// Port to listen on, whatever the configuration says later; without it, the one of the configuration now.
    #[arg(long, value_parser = values::port)]
    pub(crate) port: Option<u16>,
    /// Addresses to listen on, likewise.
    #[arg(long, value_name = "MODE", value_parser = values::bind_mode())]
    pub(crate) bind: Option<BindMode>,
    /// Have it start although the configuration does not say gateway.mode=local.
    #[arg(long)]
    pub(crate) allow_unconfigured: bool,
    /// Replace a definition that is another one.
    #[arg(long)]
    pub(crate) force: bool,
    /// Start it, or restart it when it runs.
    #[arg(long)]
    pub(crate) start: bool,
    /// Have it run while you are logged out, too (systemd).
    #[arg(long)]
    pub(crate) linger: bool,
    /// Taken for the sake of scripts that say `--runtime node`.
    #[arg(long, hide = true)]
    pub(crate) runtime: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of the other commands.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServiceArgs {
    /// The service of profile `dev`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

// === impl ServiceCommand ===

impl ServiceCommand {
    /// The word that was typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Install(_) => "install",
            Self::Uninstall(_) => "uninstall",
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Restart(_) => "restart",
        }
    }

    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Install(args) => args.json,
            Self::Uninstall(args) | Self::Start(args) | Self::Stop(args) | Self::Restart(args) => args.json,
        }
    }

    pub(crate) fn dev(&self) -> bool {
        match self {
            Self::Install(args) => args.dev,
            Self::Uninstall(args) | Self::Start(args) | Self::Stop(args) | Self::Restart(args) => args.dev,
        }
    }

    /// This command, completed by the options that stood before its name; the first of those that mean nothing to it
    /// is the error.
    pub(crate) fn completed_by(mut self, mut outer: RunArgs) -> Result<Self, String> {
        if outer.token.is_some() || outer.password.is_some() {
            return Err(NO_SECRET.to_owned());
        }
        match &mut self {
            Self::Install(args) => {
                args.port = args.port.or(outer.port.take());
                args.bind = args.bind.or(outer.bind.take());
                args.allow_unconfigured |= std::mem::take(&mut outer.allow_unconfigured);
                args.force |= std::mem::take(&mut outer.force);
                args.json |= outer.json;
            }
            Self::Uninstall(args) | Self::Start(args) | Self::Stop(args) | Self::Restart(args) => {
                args.json |= outer.json;
            }
        }
        match outer.first_of_the_run() {
            Some(option) => Err(format!(
                "{option} is an option of the run and means nothing to `gateway {}`.",
                self.name()
            )),
            None => Ok(self),
        }
    }
}

/// Why `--token` is refused.
const NO_SECRET: &str = "A service is installed without secrets: what it is started with, others can see. \
Set gateway.auth.token or gateway.auth.password in the configuration, or put CLAWDBOT_GATEWAY_TOKEN or \
CLAWDBOT_GATEWAY_PASSWORD into .env in the state directory.";
