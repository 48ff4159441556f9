//! Which commands agents may run without asking: `exec-approvals.json` (`wire-protocol` D.8). Asks nobody; that is
//! `gateway::questions`.

mod file;
mod rules;

pub(crate) use file::{ApprovalsError, get, path, set};
