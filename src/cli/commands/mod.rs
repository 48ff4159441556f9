//! One file per verb.

#[cfg(unix)]
pub mod dev_keeper;
