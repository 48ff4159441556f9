//! `dev replay`: what clients sent when it was recorded, sent again, and where the answers differ.
//!
//! What is sent when and what counts as a difference is decided in `capsule::replay`; this is its sockets and processes.
//! `outside` is what the person starts, `inside` what runs behind the keeper (`harness::ephemeral` says why there are
//! two). `load` unpacks, `settle` puts real paths into the files, `start` says how the gateway is called, `drive` and
//! `socket` carry out what the conductor asks for.

#[cfg(unix)]
mod drive;
#[cfg(unix)]
mod headers;
#[cfg(unix)]
mod inside;
#[cfg(unix)]
mod load;
#[cfg(not(unix))]
mod nowhere;
#[cfg(unix)]
mod outside;
#[cfg(unix)]
mod settle;
#[cfg(unix)]
mod socket;
mod start;

#[cfg(unix)]
pub(super) use inside::inside;
#[cfg(not(unix))]
pub(crate) use nowhere::{fixture, run};
#[cfg(unix)]
pub(crate) use outside::{fixture, run};
pub(crate) use start::{arguments, variables};

/// Exit code when it could not be found out whether anything differs, as in timeout(1); `git bisect run` skips then.
pub(crate) const NOT_RUN: u8 = 125;
