//! `clawdbot gateway logs`: what the gateway of a profile logged, from wherever it stands, in the order of time.
//!
//! - `run`: which log, the first lines, and the end.
//! - `view`: what is left out, and in which form the rest is printed.
//! - `sources`: the log file, what the service printed, the journal; told once where both hold the same.
//! - `growing`, `backwards`: one file, read from its end, and on over rotation and truncation.
//! - `journal`: what `journalctl` is asked, and its answers.
//! - `follow`: new lines as they come, without looking for them.
//! - `remote`: the log of a gateway elsewhere.

mod backwards;
mod follow;
mod growing;
mod journal;
mod remote;
mod run;
mod sources;
mod view;

pub(crate) use run::run;
