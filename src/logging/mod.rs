//! The log: JSON lines in a file that is rotated by size, and short lines on standard error.
//!
//! Owns the formats, the file, and the `tracing` subscriber. It never fails its caller: when the file cannot be
//! written, lines are dropped and counted, and standard error says so once. Parameters of requests must not be given to
//! it in the first place; secrets that get here all the same are taken out.

mod console;
mod event;
mod file;
mod layer;
mod line;
mod plan;
mod reading;
mod subscriber;
pub mod subsystem;

pub use file::parts;
pub use reading::LogLine;
pub use subscriber::{Log, init};
