//! Looking at the machine. Everything is asked at once and within one time limit; nothing is written, nobody is asked
//! anything, and nothing that is found is trusted: neither the clock, nor the files.

mod answer;
mod collect;
pub(super) mod config;
mod instance;
mod limits;
mod port;
mod service;
mod state;
mod synchronised;
mod tree;

pub(super) use collect::gather;
