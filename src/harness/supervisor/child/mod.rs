//! Generations as processes: launching them, talking to them, ending them. Decides nothing: what an event means
//! is up to the supervisor's state.

mod attend;
mod event;
mod gateway;
mod launcher;
mod lines;
mod link;
mod stream;
mod wishes;

pub use event::{LaunchSpec, ProcessEvent, Streams};
pub use gateway::{GenerationHandle, SendError};
pub use launcher::Launcher;
pub(in crate::harness) use link::Link;
