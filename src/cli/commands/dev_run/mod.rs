//! `dev run`: a command with a gateway of its own. `outside` is what the person starts, `inside` what runs behind the
//! keeper (`harness::ephemeral` says why there are two); `gateway` starts the gateway and waits until it serves,
//! `events` says what happens, `aftermath` is what a failure leaves to look at.

#[cfg(unix)]
mod aftermath;
#[cfg(unix)]
mod events;
#[cfg(unix)]
pub(super) mod gateway;
#[cfg(unix)]
mod inside;
#[cfg(not(unix))]
mod nowhere;
#[cfg(unix)]
mod outside;
#[cfg(unix)]
mod verify;

#[cfg(unix)]
pub(crate) use inside::run as inside;
#[cfg(unix)]
pub(super) use inside::{Run, ending};
#[cfg(not(unix))]
pub(crate) use nowhere::{gateway, inside, run, verify};
#[cfg(unix)]
pub(super) use outside::{carry_out, temporary_dir};
#[cfg(unix)]
pub(crate) use outside::{gateway, run, verify};
