//! The gateway under the load of many clients, beside the published program where `CLAWDBOT_PEER` names it.

pub(super) mod connect;
pub(super) mod crowd;
pub(super) mod endurance;
pub(super) mod files;
pub(super) mod health;
pub(super) mod hostile;
mod server;
pub(super) mod sessions;
