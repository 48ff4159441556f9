//! Changes to the text of a configuration file that keep what the person wrote: comments, order, spacing, quotes.
//!
//! Pure: texts and values in, texts and values out. [`Edit`] says what is to change, [`apply`] changes a value,
//! and `rewrite` makes a text say a value by changing as little of it as possible. Whether the result is a valid
//! configuration is decided elsewhere.

mod apply;
mod container;
mod patch;
mod path;
mod render;
mod rewrite;
mod style;
mod trivia;

pub use apply::{Edit, EditError, apply, lookup};
pub use path::{ConfigPath, PathError, Segment};
pub use rewrite::RewriteError;
pub(super) use rewrite::{is_blank, rewrite, same};
pub(crate) use trivia::count_comments;

#[cfg(test)]
mod tests;
