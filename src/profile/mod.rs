//! Which profile is meant, and every path that follows from it.
//!
//! A profile is resolved once, before anything reads a path; nothing derives a path again later. Pure: no
//! files, no process environment, no clock.

mod env;
pub mod leave_out;
mod lexical;
mod name;
mod paths;
mod resolve;

pub use env::{EnvMap, vars};
pub use lexical::{is_within, normalise, shorten};
pub use name::{InvalidProfileName, ProfileName};
pub use paths::{DefaultProfile, ProfilePaths};
pub use resolve::{ProfileError, ProfileRequest, ResolvedProfile, resolve};
