//! The wizard over RPC (`wire-protocol` D.8): asks what `clawdbot onboard` asks, a step at a time, and writes what that
//! would write. Nothing is written before the last step is confirmed.

mod session;
mod slot;
mod step;

pub(crate) use session::Session;
pub(crate) use slot::{Slot, SlotError, Turn};
