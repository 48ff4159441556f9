//! A real gateway on port 0 in a temporary state directory, with a raw WebSocket client.

mod approvals;
mod clock;
mod config_write;
mod cron;
mod devices;
mod drain;
mod files;
mod frames;
mod guessing;
mod handover;
mod handshake;
mod limits;
mod methods;
mod nodes;
mod replay;
mod room;
mod services;
mod session_changes;
mod sessions;
mod support;
mod wizard;
