//! The command line, as close to what was typed as possible; nothing is resolved here. One file per command.
//!
//! `--dev` is declared at every level, because its place says which port is meant. Every option of the run works
//! on either side of `run`; what stands closer to the command wins.

mod call;
mod capsule;
mod client;
mod completions;
mod config;
mod configure;
mod cron;
mod dashboard;
mod dev;
mod discover;
mod doctor;
mod examples;
mod exec;
mod gateway;
mod health;
mod log;
mod logs;
mod look;
mod man;
mod onboard;
mod probe;
mod removal;
mod root;
mod run;
mod service;
mod setup;
mod status;
mod usage_cost;

pub(crate) use call::CallArgs;
pub(crate) use capsule::{CapsuleArgs, CapsuleCommand, CaptureArgs, ToFixtureArgs};
pub(crate) use client::ClientArgs;
pub(crate) use completions::CompletionsArgs;
pub(crate) use config::{ConfigArgs, ConfigCommand, ConfigGetArgs, ConfigSetArgs};
pub(crate) use configure::{ConfigureArgs, Section};
pub(crate) use cron::{
    CronAddArgs, CronArgs, CronCommand, CronEditArgs, CronJobArgs, CronListArgs, CronPayloadArgs, CronReach,
    CronRunArgs, CronRunsArgs, CronScheduleArgs,
};
pub(crate) use dashboard::DashboardArgs;
pub(crate) use dev::{DevArgs, DevCommand, DevReplayArgs, DevRunArgs, FixturesArgs, FixturesCommand};
pub(crate) use discover::DiscoverArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use exec::{ExecArgs, ServerArgs};
pub(crate) use gateway::{GatewayArgs, GatewayCommand};
pub(crate) use health::HealthArgs;
pub(crate) use log::LogArgs;
pub(crate) use logs::LogsArgs;
pub(crate) use look::LookCommand;
pub(crate) use man::ManArgs;
pub(crate) use onboard::{Flow, OnboardArgs};
pub(crate) use probe::ProbeArgs;
pub(crate) use removal::{RemovalArgs, ResetArgs, ResetScope, UninstallArgs};
pub(crate) use root::{Cli, Command, DaemonCommand};
pub(crate) use run::{EventsFormat, RunArgs};
pub(crate) use service::{InstallArgs, ServiceCommand};
pub(crate) use setup::SetupArgs;
pub(crate) use status::{OverviewArgs, StatusArgs};
pub(crate) use usage_cost::UsageCostArgs;

#[cfg(test)]
mod tests;
