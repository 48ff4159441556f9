//! The supervisor: which generation serves, and what happens to the others.

pub mod child;
