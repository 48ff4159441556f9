//! Everything the user types or reads. The only module that prints, and the only one that chooses an exit
//! code.
//!
//! [`main`] reads the environment once, resolves the profile once, and hands both to one command.

mod args;
mod commands;
mod dispatch;
mod error;
mod output;
mod project;
mod prompt;
mod values;

pub use dispatch::main;
