//! Paired devices, pairing requests, and device tokens.
//!
//! [`DeviceBook`] is the pure part: what is known and every decision about it, without files, clock, or
//! randomness. `DeviceStore` reads and writes it.

pub mod model;
mod store;

pub use model::{DeviceBook, DeviceMetadata, PairedDevice};
pub(crate) use store::{DeviceStore, Urgency};
