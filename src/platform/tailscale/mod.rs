//! The `tailscale` command: what it is asked, what its answers and complaints mean. Blocks.
//!
//! Arguments, JSON members, and complaints are those of the documented command line interface from version 1.52
//! on; the answers in `fixtures/tailscale` are made after its documentation. Nothing is run by way of `sudo`: a gateway must not gain rights that
//! nobody sees it use, and Tailscale has `tailscale set --operator` for that.

mod client;
mod failure;
mod program;
mod status;
mod whois;

pub use client::{Public, Tailscale, Target};
pub use failure::TailscaleError;
pub use status::Status;
pub use whois::Owner;
