//! Commands that look at gateways.

use std::process::ExitCode;

use crate::cli::args::{ClientArgs, CronCommand, DashboardArgs, LookCommand, OverviewArgs, StatusArgs};
use crate::cli::commands;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::profile::ResolvedProfile;

/// One of them.
#[derive(Debug)]
pub(super) enum ClientCommand {
    /// One of `gateway`.
    Look(LookCommand),
    /// `status`.
    Overview(StatusArgs),
    /// `health`.
    Health(ClientArgs),
    /// `dashboard`.
    Dashboard(DashboardArgs),
    /// One of `cron`.
    Cron(CronCommand),
}

impl ClientCommand {
    /// `status`, which looks as `gateway status` does.
    pub(super) fn overview(args: OverviewArgs) -> Self {
        Self::Overview(StatusArgs { dev: args.dev, no_probe: false, deep: args.all, client: args.client })
    }

    pub(super) fn json(&self) -> bool {
        match self {
            Self::Look(command) => command.json(),
            Self::Dashboard(args) => args.json,
            Self::Overview(StatusArgs { client, .. }) | Self::Health(client) => client.json,
            Self::Cron(command) => command.reach().client.json,
        }
    }

    pub(super) fn run(self, profile: &ResolvedProfile, printer: &Printer) -> Result<ExitCode, ExpectedError> {
        match self {
            Self::Look(LookCommand::Status(args)) => commands::gateway_status::run(&args, profile, printer),
            Self::Look(LookCommand::Probe(args)) => commands::gateway_probe::run(&args, profile, printer),
            Self::Look(LookCommand::Discover(args)) => {
                commands::gateway_discover::run(&args, profile, printer)
            }
            Self::Look(LookCommand::UsageCost(args)) => commands::usage_cost::run(&args, profile, printer),
            Self::Overview(args) => commands::gateway_status::overview(&args, profile, printer),
            Self::Dashboard(args) => commands::dashboard::run(&args, profile, printer),
            Self::Cron(command) => commands::cron::run(command, profile, printer),
            Self::Health(args) => commands::health::summary(&args, profile, printer),
        }
    }
}
