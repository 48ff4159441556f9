//! Reading: the main file, its includes, and the environment → one snapshot.
//!
//! The only part of `config` that touches files. Never writes, and never waits on what is not a regular file.

mod document;
mod environment;
mod file;
mod include;
mod json5;
mod lexical;
mod source;
mod substitute;
mod syntax;

pub(crate) use document::load_with_references;
pub use document::{Document, hash, load};
pub use environment::{EnvironmentFault, environment};
pub(super) use json5::{tree, value};
pub(crate) use substitute::references;
