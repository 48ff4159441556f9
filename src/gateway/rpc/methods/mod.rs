//! The handlers, one file per namespace. They answer from what the gateway knows and what is on disk, and
//! invent nothing.

pub(super) mod agents;
pub(super) mod approvals;
pub(super) mod channels;
pub(super) mod chat;
pub(super) mod config;
pub(super) mod cron;
pub(super) mod devices;
pub(super) mod health;
pub(super) mod heartbeats;
pub(super) mod logs;
pub(super) mod models;
pub(super) mod nodes;
mod params;
pub(super) mod recording;
pub(super) mod runs;
pub(super) mod sessions;
pub(super) mod skills;
pub(super) mod system;
pub(super) mod talk;
pub(super) mod tts;
pub(super) mod update;
pub(super) mod usage;
pub(super) mod wizard;
