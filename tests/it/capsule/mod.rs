//! `dev capture` and `dev capsule`, with the real binary.

mod bad_input;
mod bisect;
mod capture;
mod look;
mod opened;
mod published;
mod to_fixture;
