//! `node.*`, and `exec.approvals.node.*` (`wire-protocol` D.6, D.8).

mod approvals;
mod invoke;
mod pair;
mod report;
mod rows;

pub(in crate::gateway::rpc) use approvals::{get as approvals_get, set as approvals_set};
pub(in crate::gateway::rpc) use invoke::invoke;
pub(in crate::gateway::rpc) use pair::{approve, list as pairings, reject, rename, request, verify};
pub(in crate::gateway::rpc) use report::{event, result};
pub(in crate::gateway::rpc) use rows::{describe, list};
