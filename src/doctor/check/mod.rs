//! The checks: facts → findings. One file each, pure.

mod all;
mod auth;
#[cfg(test)]
pub(crate) mod broken;
mod clock;
mod config;
mod gateway;
mod instance;
mod limits;
mod port;
mod secrets;
mod service;
mod state_directory;
mod state_files;
mod tailscale;

pub(super) use all::judge;

#[cfg(test)]
mod tests;
