//! Integration tests: the real binary, real sockets, real processes.
