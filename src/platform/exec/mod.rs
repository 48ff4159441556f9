//! Commands of the system, run to their end with a time limit: `lsof`, `tailscale`, `systemctl`, and the like.
//!
//! Blocks; a runtime calls it from a blocking task. What must live longer than one answer is started by
//! `platform::process`.

mod line;
#[cfg(test)]
pub(crate) mod recording;
mod system;
mod until;

pub use line::{Cancel, CommandLine, CommandOutput, CommandRunner, ExecError};
pub use system::{Lines, Stream, SystemRunner};
pub use until::Until;
