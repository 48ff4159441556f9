//! Skills: folders with a `SKILL.md`. Where they are looked for, what they need of this machine, and how what they
//! need is installed.
//!
//! Reading and installing block, and are called off the runtime's thread.

mod download;
mod frontmatter;
mod install;
mod installer;
mod machine;
mod metadata;
mod report;
mod scan;
mod service;

pub(crate) use install::{Outcome, Tools};
pub(crate) use installer::named;
pub(crate) use machine::Machine;
pub(crate) use report::{Report, bins};
pub(crate) use scan::{Found, Roots, scan};
pub(crate) use service::Skills;
