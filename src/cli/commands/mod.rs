//! One file per verb. A command takes its arguments, the resolved profile, and the printer; it returns an exit
//! code or an expected error.

pub(super) mod agent_logs;
pub(super) mod call;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod configure;
pub(super) mod cron;
pub(super) mod dashboard;
pub(super) mod dev;
pub(super) mod dev_child;
pub(super) mod dev_fixtures;
pub(super) mod dev_keeper;
pub(super) mod dev_run;
pub(super) mod doctor;
mod exposure;
mod fault;
mod force;
pub(super) mod gateway_discover;
pub(super) mod gateway_probe;
pub(super) mod gateway_status;
pub(super) mod health;
mod instance;
pub(super) mod logs;
pub(super) mod man;
pub(super) mod onboard;
mod places;
mod questions;
mod reach;
pub(super) mod recording;
pub(super) mod removal;
pub(super) mod run;
pub(super) mod service;
pub(super) mod setup;
pub(super) mod state_dir;
pub(super) mod task;
mod timer;
pub(super) mod usage_cost;
