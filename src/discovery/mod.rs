//! Gateways of the local network: one tells where it is, others are found (DNS-SD over multicast DNS, RFC 6762 and
//! RFC 6763).
//!
//! What is said and how it is read is pure (`record`, `beacon`); the crate `mdns-sd` does the rest, on a thread of its
//! own. What comes from the network is written by whoever likes: it is bounded, without control characters, and nobody
//! is sent a secret because of it.

mod advertise;
mod beacon;
mod browse;
mod record;

pub use advertise::Advertisement;
pub use beacon::Beacon;
pub use browse::{Browsing, DiscoveryError, browse};
pub use record::{Announcement, Facts, SERVICE, is_disabled};
