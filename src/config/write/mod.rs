//! Changes to the configuration file on disk: validated before they are written, whole or not at all, one writer
//! after the other.
//!
//! What the person wrote is kept (`config::edit`). Nothing here writes unless somebody asked for a change, and
//! nothing but that change is written: there is no stamp, and no default is filled in.

mod change;
mod error;
mod file;

pub use change::{edited, saying};
pub use error::WriteError;
pub use file::{Written, write};

#[cfg(test)]
mod tests;
