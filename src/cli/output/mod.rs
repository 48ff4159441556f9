//! The only code that prints.
//!
//! [`Printer`] decides where a line goes and whether it is coloured; the other files turn facts into lines and
//! print nothing.

mod ascii;
mod boxes;
pub(crate) mod capsule;
mod columns;
mod detached;
pub(crate) mod dev_replay;
pub(crate) mod doctor;
pub(crate) mod event;
pub(crate) mod exposure;
pub(crate) mod force;
pub(crate) mod gateway_discover;
pub(crate) mod gateway_probe;
pub(crate) mod gateway_status;
mod harmless;
pub(crate) mod holder;
pub(crate) mod listen;
pub(crate) mod overview;
mod paint;
mod printer;
#[cfg(test)]
mod screens;
pub(crate) mod startup;

pub(crate) use columns::columns;
pub(crate) use harmless::harmless;
pub(crate) use printer::{Printer, Style};
