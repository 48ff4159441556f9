//! Capsules are made here: a profile is looked through (`survey`), read once with all its secrets (`plan`), and written
//! without them (`put`). What was written is read back before it has a name (`scan`).

mod again;
mod archive;
mod bounds;
mod choose;
mod collect;
mod devices;
mod error;
mod extras;
mod gather;
mod journal;
mod known;
mod names;
mod plan;
mod put;
mod read;
mod rewrite;
mod scan;
mod spool;
mod start;
mod subject;
mod survey;
mod tail;
mod window;

pub use archive::Writer;
pub use error::CaptureError;
pub use plan::{Facts, Plan, Wish};
pub use subject::Subject;

#[cfg(test)]
mod tests;
