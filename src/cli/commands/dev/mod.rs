//! `gateway --dev`: the command around the harness. [`run`] is the life of the command, [`inputs`]
//! what a person asks for, [`screen`] what a person reads, [`events`] what a script reads (`--events json`).

mod command;
mod events;
mod inputs;
mod presenter;
mod run;
mod screen;

pub(crate) use run::{DevArgs, run};
