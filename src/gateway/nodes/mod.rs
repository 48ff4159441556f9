//! Nodes: machines that offer commands to the others (`wire-protocol` D.6).
//!
//! - `policy`: which of its commands may be called.
//! - `rows`: what clients are told of it.
//! - `calls`: calls under way, and what becomes of them.
//! - `subscriptions`: what it wants to hear.
//! - `events`: what it tells.
//! - `pairing`: the older pairing of nodes, beside that of devices.

mod calls;
mod events;
mod pairing;
mod policy;
mod rows;
mod subscriptions;

pub(crate) use calls::{Calls, Outcome};
pub(crate) use events::NodeEvent;
pub(crate) use pairing::{NodePairing, PairingFiles};
pub(crate) use policy::{allowed_commands, is_allowed};
pub(crate) use rows::{describe, list, node_id};
pub(crate) use subscriptions::Subscriptions;
