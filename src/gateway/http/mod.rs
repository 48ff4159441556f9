//! HTTP on the gateway's port: one TCP connection from its accept to its end, whether it stays HTTP or becomes
//! a WebSocket.

mod peer;
mod refuse;
mod router;
mod secure;
mod serve;
mod upgrade;

pub(super) use refuse::refuse;
pub(super) use router::router;
pub(super) use serve::serve;
