//! Paired devices, pairing requests, and device tokens.
//!
//! [`DeviceBook`] is the pure part: what is known and every decision about it, without files, clock, or
//! randomness. Loading and saving it belongs to its caller.

pub mod model;

pub use model::{DeviceBook, DeviceMetadata, DeviceToken, PairedDevice, PairingRequest};
