//! Checking parameters against a schema, with the published gateway's messages (`wire-protocol` B.3).

mod check;
mod notation;
mod schema;

pub use check::{Violations, validate};
pub use schema::{Field, Schema};

#[cfg(test)]
mod tests;
