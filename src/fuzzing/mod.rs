//! What must hold for every input of those who may send or write anything: one function per fuzz target.
//!
//! Each takes bytes as they come and panics when a property does not hold. `dev/fuzz` runs them under a fuzzer; the
//! inputs in `fixtures/fuzz` are run by the tests of this module. No part of the program itself.

mod capsule;
mod cleaning;
mod comments;
mod config;
mod connect;
mod device;
mod frames;
mod redaction;
mod scratch;
mod sections;
mod sessions;
mod transcript;

pub use capsule::capsule;
pub use cleaning::cleaning;
pub use config::config;
pub use connect::connect;
pub use device::device;
pub use frames::frames;
pub use sessions::sessions;
pub use transcript::transcript;

#[cfg(test)]
mod tests;
