//! Capsules are made here.

mod archive;

pub use archive::Writer;
