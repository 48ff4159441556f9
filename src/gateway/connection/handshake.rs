//! The decision on a connection's first message (`wire-protocol` C). Pure: no socket, no clock, no randomness.
//!
//! [`read_connect`] turns the message into parameters, [`decide`] turns parameters and facts into a session or
//! a rejection. The order of the checks and every text are the published gateway's; `details` say more.

mod authenticate;
mod decide;
mod first_message;
mod pairing;
mod proof;

pub use decide::{Accepted, DeviceEvent, Facts, Guess, Rejection, Session, Stage, decide, proved_device};
pub use first_message::read_connect;

#[cfg(test)]
mod tests;
