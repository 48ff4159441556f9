//! What several tests need to drive the real thing.

#[cfg(unix)]
pub(crate) mod generation;
#[cfg(unix)]
pub(crate) mod own_process;
#[cfg(unix)]
pub(crate) mod pids;
