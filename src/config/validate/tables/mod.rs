//! The table of every key, one file per group of sections.

mod agents;
mod browser;
mod gateway;
mod hooks;
mod memory;
mod messages;
mod models;
mod plugins;
mod root;
mod sandbox;
mod session;
mod tools;

pub(super) use root::ROOT;
