//! `clawdbot-dev.json5`: what a project wants of the development harness, so that its contributors type nothing.
//!
//! [`read`] makes options of its text; [`find`] looks for it and completes what was typed.

mod find;
mod read;

pub(super) use find::complete;
