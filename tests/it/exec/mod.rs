//! `gateway --dev --exec`: any command under the harness, in each of its tiers.
//!
//! Linux, because the proof that nothing is left reads `/proc`.

mod beside;
mod build;
mod child;
mod port;
mod project;
mod restart;
mod sockets;
