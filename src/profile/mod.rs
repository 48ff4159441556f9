//! Which profile is meant, and every path that follows from it.
//!
//! A profile is resolved once, before anything reads a path; nothing derives a path again later. Pure: no
//! files, no process environment, no clock.

mod env;
mod name;
mod paths;

pub use env::{EnvMap, vars};
pub use name::{InvalidProfileName, ProfileName};
pub use paths::{ProfilePaths, ProfileRequest, ResolvedProfile, resolve};
