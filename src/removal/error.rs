//! Why a removal is refused or failed. The texts are for the person at the terminal; nothing was removed unless the
//! text says so.

use std::io;

use crate::harness::Escape;

/// Why a removal is refused or failed. Paths are shortened with `~`.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// A path reaches the default profile.
    #[error("{0}. Nothing was removed")]
    Escape(#[from] Escape),
    /// A harness or gateway runs on the profile.
    #[error("A {holder} runs on this profile{facts}. Stop it first. Nothing was removed")]
    Busy {
        /// `harness` or `gateway`.
        holder: &'static str,
        /// What the holder wrote into its lock, in parentheses, or nothing.
        facts: String,
    },
    /// A part is a symbolic link, or lies behind one.
    #[error(
        "{path} is a symbolic link to {real}, which is not followed: remove it yourself and try again. Nothing was removed"
    )]
    Link {
        /// The path.
        path: String,
        /// Where it leads.
        real: String,
    },
    /// A part is, or contains, something that nothing may remove.
    #[error("{path} is not removed, because {why}. {fix}. Nothing was removed")]
    Protected {
        /// The path.
        path: String,
        /// What it is.
        why: String,
        /// What to do.
        fix: String,
    },
    /// The directory does not look like what it is said to be.
    #[error(
        "{path} is not removed, because it does not look like {what}: it has none of {signs}. Remove it yourself, or \
         set another one. Nothing was removed"
    )]
    Unrecognised {
        /// The directory.
        path: String,
        /// What it is said to be.
        what: &'static str,
        /// What would show that, separated by commas.
        signs: String,
    },
    /// The directory holds work that git knows about.
    #[error(
        "{path} is not removed, because {checkout} has {what}. Save them, or add {flag}. Nothing was removed"
    )]
    UnsavedWork {
        /// The directory.
        path: String,
        /// The checkout.
        checkout: String,
        /// The option that gives the work up.
        flag: &'static str,
        /// What would be lost.
        what: String,
    },
    /// The profile's lock could not be taken.
    #[error("failed to lock the profile at {path}: {source}. Nothing was removed")]
    Lock {
        /// The lock.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A directory could not be looked into, so it is not known what is in it.
    #[error("failed to look into {path}: {source}. Nothing was removed")]
    Survey {
        /// The directory.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A removal failed half-way.
    #[error("failed to remove {path}: {source}. Removed before: {before}")]
    Remove {
        /// The path.
        path: String,
        /// What was removed before it.
        before: String,
        /// Why.
        source: io::Error,
    },
}
