//! What `gateway probe` has found, as a screen for people and as JSON. Pure.

mod json;
mod report;
mod screen;
#[cfg(test)]
mod tests;
mod warnings;

pub(crate) use json::json;
pub(crate) use report::{Answer, Discovery, Kind, Report, Seen, Through};
pub(crate) use screen::screen;
