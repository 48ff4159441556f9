//! Capsules are read here, whoever made them: [`walk`] trusts nothing, and everything else is built on it.

mod content;
mod list;
mod stream;
mod unpack;
mod walk;

pub use content::Content;
pub use unpack::unpack;
pub use walk::walk;
#[cfg(any(test, fuzzing))]
pub(crate) use walk::walk_bytes;
pub(super) use walk::walk_through;

#[cfg(test)]
mod tests;
