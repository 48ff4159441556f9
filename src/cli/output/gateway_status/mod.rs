//! What `gateway status` knows, as a screen for people and as JSON. Pure.

mod json;
mod problem;
mod report;
#[cfg(test)]
pub(super) mod samples;
mod screen;
#[cfg(test)]
mod tests;

pub(crate) use json::json;
pub(crate) use problem::problems;
pub(crate) use report::{ConfigFile, Elsewhere, LogError, Manager, Mode, Port, Probe, Process, Report};
pub(crate) use screen::screen;
