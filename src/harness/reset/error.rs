//! Why a reset is refused or failed. The texts are for the person at the terminal; nothing was removed unless the
//! text says so.

use std::io;

use crate::harness::isolation::Escape;

/// Why a reset is refused or failed. Paths are shortened with `~`.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// Only the dev profile can be reset. The text is the published program's.
    #[error("Use --reset with --dev.")]
    NotDev,
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
        "{path} is a symbolic link to {real}. --reset does not follow it: remove it yourself and start again. Nothing was removed"
    )]
    Link {
        /// The path.
        path: String,
        /// Where it leads.
        real: String,
    },
    /// A part is, or contains, something that no reset may remove.
    #[error("--reset does not remove {path}, because {why}. {fix}. Nothing was removed")]
    Protected {
        /// The path.
        path: String,
        /// What it is.
        why: String,
        /// What to do.
        fix: String,
    },
    /// The workspace does not look like one.
    #[error(
        "--reset does not remove {0}, because it does not look like an agent's workspace: it has none of AGENTS.md, \
         SOUL.md, TOOLS.md, IDENTITY.md, USER.md. Remove it yourself, or set another workspace. Nothing was removed"
    )]
    Unrecognised(String),
    /// The workspace holds work that git knows about.
    #[error(
        "--reset does not remove {path}, because {checkout} has {what}. Save them, or add --yes. Nothing was removed"
    )]
    UnsavedWork {
        /// The workspace.
        path: String,
        /// The checkout.
        checkout: String,
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
