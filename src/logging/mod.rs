//! The log: JSON lines in a file that is rotated by size, and short lines on standard error.
//!
//! Owns the format, the file, and the `tracing` subscriber. It never fails its caller: when the file cannot be
//! written, lines are dropped and counted, and standard error says so once. Secrets and parameters of
//! requests must not be given to it in the first place.

mod file;
mod layer;
mod line;
mod subscriber;

pub use subscriber::{LogGuard, LogOptions, init};
