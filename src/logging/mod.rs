//! The log: JSON lines in a file that is rotated by size, and short lines on standard error.
//!
//! Owns the formats, the file, the redaction, and the `tracing` subscriber. It never fails its caller: when the file
//! cannot be written, lines are dropped and counted, and standard error says so once. Parameters of requests must
//! not be given to it in the first place; secrets that get here all the same are taken out.

mod console;
mod event;
mod file;
mod layer;
mod line;
mod plan;
mod reading;
mod redact;
mod subscriber;
pub mod subsystem;

pub use file::parts;
pub use reading::LogLine;
pub use redact::secrets_in;
pub use subscriber::{Log, init};
