//! The examination, and the treatment with another one after it.

use std::io;
use std::time::Duration;

use super::check::judge;
use super::facts::StateFile;
use super::gather::gather;
use super::repair;
use super::report::{Done, Report};
use crate::config::Config;
use crate::profile::{ProfilePaths, ResolvedProfile};

/// Reads the files of the state as the gateway does, and changes none.
pub type StateReader = fn(&ProfilePaths, &Config) -> Vec<StateFile>;

/// What is examined.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The profile.
    pub profile: &'a ResolvedProfile,
    /// How long it may take in all.
    pub limit: Duration,
    /// Who knows the files of the state.
    pub read_state: StateReader,
}

/// Looks at everything; writes nothing. Blocks.
pub fn examine(scene: &Scene<'_>) -> io::Result<Report> {
    Ok(Report::of(judge(&gather(scene)?)))
}

/// Looks at everything, does what is safe about it, and looks again. Blocks.
pub fn treat(scene: &Scene<'_>) -> io::Result<Report> {
    let before = examine(scene)?;
    let mut done: Vec<Done> = Vec::new();
    for entry in &before.entries {
        let Some(wanted) = &entry.finding.repair else { continue };
        if !done.iter().any(|done| done.repair == *wanted) {
            let result = repair::perform(wanted, scene.profile);
            done.push(Done { repair: wanted.clone(), result });
        }
    }
    if done.is_empty() {
        return Ok(before);
    }
    Ok(before.after_treatment(examine(scene)?, done))
}
