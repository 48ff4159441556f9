//! A load generator in this process.
//!
//! It is cheap on purpose: frames are bytes made in advance, answers are recognised by their first bytes, and one
//! thread does it all, so that the other core measures the server and not its clients. It must not be a general
//! client: it knows as much of the protocol as two servers that behave need.

mod drive;
mod frames;
mod hostile;
mod identity;
mod link;
mod pages;

pub(crate) use drive::{Bound, Pace, handshakes, on_one_thread, paced, requests};
pub(crate) use frames::text;
pub(crate) use hostile::Hostile;
pub(crate) use identity::{Identity, TOKEN};
pub(crate) use link::Link;
pub(crate) use pages::{etag, pages};
