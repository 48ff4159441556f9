//! Integration tests: the real binary, real sockets, real processes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[cfg(unix)]
mod keeper;
#[cfg(unix)]
mod keys;
mod support;
