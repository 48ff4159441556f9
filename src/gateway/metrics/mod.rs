//! What the gateway counts about itself, and how Prometheus reads it.
//!
//! Counters are single atomics without order among them: counting costs a few nanoseconds and waits for nobody. The
//! gateway answers on one thread, so no two processors fight over one.

mod counters;
mod histogram;
mod text;

pub(crate) use counters::Metrics;
pub(crate) use text::{Gauges, render};
