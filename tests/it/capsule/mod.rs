//! `dev capture` and `dev capsule`, with the real binary.

mod bad_input;
mod capture;
mod look;
mod opened;
mod published;
