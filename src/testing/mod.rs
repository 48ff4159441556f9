//! For tests in Rust: an isolated gateway in the test's own process.
//!
//! Tests in other languages use `clawdbot dev run`, which does the same in processes of its own; so do tests in Rust
//! that need a gateway which can be killed.

mod gateway;

pub use gateway::{Gateway, GatewayBuilder, GatewayError};
