//! `clawdbot reset` and `clawdbot uninstall`: what is meant is decided here, whether it may go by `crate::removal`.

mod perform;
mod reset;
mod service;
mod uninstall;

pub(crate) use reset::run as reset;
pub(crate) use uninstall::run as uninstall;
