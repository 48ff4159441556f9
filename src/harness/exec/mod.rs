//! Any command under the harness instead of our own gateway (`--exec`): how it is written ([`CommandLine`]), what it is
//! told ([`Facts`]), what it can do ([`Tier`]) and shows of it ([`Sign`]), and how connections reach it ([`forward`]). Supervises nothing: that is `supervisor`.

mod facts;
pub mod forward;
mod line;
mod probe;
mod signs;
mod spec;
mod tier;

pub use facts::{Facts, Placeholder};
pub use line::{CommandLine, LineError};
pub use probe::{NoReadiness, Readiness};
pub use signs::{Offer, Sign};
pub use spec::ExecSpec;
pub use tier::{Tier, TierChoice};
