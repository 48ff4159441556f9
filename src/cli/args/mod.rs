//! The command line, as close to what was typed as possible; nothing is resolved here. One file per command.
//!
//! `--dev` is declared at every level, because its place says which port is meant. Every option of the run works
//! on either side of `run`; what stands closer to the command wins.

mod call;
mod client;
mod config;
mod dev;
mod doctor;
mod exec;
mod gateway;
mod health;
mod log;
mod logs;
mod look;
mod onboard;
mod probe;
mod root;
mod run;
mod service;
mod status;
mod usage_cost;

pub(crate) use call::CallArgs;
pub(crate) use client::ClientArgs;
pub(crate) use config::{ConfigArgs, ConfigCommand, ConfigGetArgs, ConfigSetArgs};
pub(crate) use dev::{DevArgs, DevCommand, DevRunArgs, FixturesArgs, FixturesCommand};
pub(crate) use doctor::DoctorArgs;
pub(crate) use exec::{ExecArgs, ServerArgs};
pub(crate) use gateway::{GatewayArgs, GatewayCommand};
pub(crate) use health::HealthArgs;
pub(crate) use log::LogArgs;
pub(crate) use logs::LogsArgs;
pub(crate) use look::LookCommand;
pub(crate) use onboard::OnboardArgs;
pub(crate) use probe::ProbeArgs;
pub(crate) use root::{Cli, Command, DaemonCommand};
pub(crate) use run::{EventsFormat, RunArgs};
pub(crate) use service::{InstallArgs, ServiceCommand};
pub(crate) use status::{OverviewArgs, StatusArgs};
pub(crate) use usage_cost::UsageCostArgs;

#[cfg(test)]
mod tests;
