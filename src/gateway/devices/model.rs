//! The book of devices in memory (`wire-protocol` C.8, C.10, D.7; file formats of part G).
//!
//! Must not read a clock, draw random numbers, or touch a file: times, request ids, and tokens arrive as
//! parameters, and [`DeviceBook::take_changes`] tells the caller which file has to be written.

mod book;
mod json;
mod record;
mod token;

pub use book::{Asked, Changes, DeviceBook};
pub use record::{DeviceMetadata, PairedDevice};

#[cfg(test)]
mod tests;
