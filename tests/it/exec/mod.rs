//! `gateway --dev --exec`: any command under the harness, in each of its tiers.
//!
//! Linux, because the proof that nothing is left reads `/proc`.

mod browser;
mod build;
mod child;
mod port;
mod project;
mod published;
mod restart;
mod run;
mod sockets;
