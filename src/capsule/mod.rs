//! Capsules: a report in one file, safe to attach in public, that starts a gateway in the state it is about.
//!
//! Owns the format (`dev/CAPSULE.md`): [`Manifest`], [`unpack`] and [`walk`], which trust nothing they read, and
//! [`Writer`]. Prints nothing, asks nobody.

mod error;
pub mod format;
mod limits;
mod manifest;
mod read;
pub mod replay;
mod settle;
mod throwaway;
mod write;

pub use error::CapsuleError;
pub use limits::Limits;
pub use manifest::{Entry, Home, LeftOut, Manifest, Recording, Start};
#[cfg(any(test, fuzzing))]
pub(crate) use read::walk_bytes;
pub use read::{Content, unpack, walk};
pub use settle::{SettleError, settle};
pub use throwaway::ThrowawayKey;
pub use write::{CaptureError, Facts, Plan, Subject, Wish, Writer};
