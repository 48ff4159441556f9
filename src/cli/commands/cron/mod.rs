//! `clawdbot cron …`: scheduled work of a running gateway.
//!
//! `request` makes parameters from what was typed, `words` and `show` say in words what a gateway answers; all of that
//! is pure. `find` finds out which job is meant, `run` asks.

mod find;
mod request;
mod run;
mod show;
mod words;

pub(crate) use run::run;
