//! Integration tests: the real binary, real sockets, real processes.

#[cfg(unix)]
mod keeper;
mod support;
