//! The gateway as a Scheduled Task of Windows, started when its user logs on.
//!
//! A task has no environment, and a script around the program would open a window, hide the exit code, and survive
//! the end of the task. So the task starts the program itself, in a role ([`role`]) that takes variables and log files
//! from its arguments and lets go of the console. The task is registered from `<STATE>/gateway-task.xml`, which stays
//! there as its definition: `schtasks /Query /XML` answers in the code page of the console.
//!
//! `schtasks` speaks the language of Windows. Only exit codes, numbers, and what stands in a fixed column is read.

mod manager;
mod query;
pub mod role;
mod script;
mod task;
#[cfg(test)]
mod tests;
mod utf16;
mod words;

pub(super) use manager::Schtasks;
