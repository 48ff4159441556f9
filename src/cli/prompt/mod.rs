//! Questions to a person at a terminal: with lists and editing where the terminal can be drawn on, line by line where
//! it cannot. Asked on stderr. Whoever is stopped here has to leave everything as it was.

mod form;
mod lines;
mod screen;

pub(super) use form::{Choice, Prompt, Stopped, possible};
