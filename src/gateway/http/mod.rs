//! HTTP on the gateway's port: one TCP connection from its accept to its end, whether it stays HTTP or becomes
//! a WebSocket.
//!
//! A request passes the checks of `serve` (who may talk to us at all), then `router` finds the family of endpoints
//! that answers it, in the published order. Every family is a module with one function that takes an [`Exchange`] and
//! answers it, or leaves it to the next.
//!
//! [`Exchange`]: exchange::Exchange

mod answers;
mod authorize;
mod avatar;
mod body;
mod canvas;
mod control_ui;
mod dashboard;
mod exchange;
mod hooks;
mod linger;
mod metrics;
mod peer;
mod protect;
mod refuse;
mod router;
mod secret;
mod secure;
mod serve;
mod tools;
mod upgrade;

pub(super) use control_ui::ControlUi;
pub(super) use refuse::refuse;
pub(super) use router::router;
pub(super) use serve::serve;
