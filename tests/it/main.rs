//! Integration tests: the real binary, real sockets, real processes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod architecture;
#[cfg(unix)]
mod keeper;
mod support;
