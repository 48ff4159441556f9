//! Tools that programs call over HTTP (`wire-protocol` E.6): thin adapters over the methods of the gateway, in the shapes
//! of the published tools. What needs an agent, a channel, or a model is not there.
//!
//! - `call`: what was asked for, and who answers it.
//! - `policy`: which tools a configuration allows. Pure.
//! - `agents`, `sessions`, `status`, `control`, `nodes`, `cron`: one file for each family of tools.

mod agents;
mod call;
mod control;
mod cron;
mod nodes;
mod policy;
mod sessions;
mod status;

pub(crate) use call::{Call, Refused, perform};
