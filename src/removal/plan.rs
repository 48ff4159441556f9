//! Facts about what is there → what is removed, or why nothing is. Pure.

use std::path::{Path, PathBuf};

use super::RemovalError;
use crate::harness::{WORKSPACE_FILES, overlap};
use crate::profile::shorten;

/// A part of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The configuration file.
    Config,
    /// `<STATE>/credentials`.
    Credentials,
    /// `<STATE>/agents/<ID>/sessions`, with the agent's id.
    Sessions(String),
    /// The state directory with everything in it.
    State,
    /// A workspace.
    Workspace,
}

/// One path to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// What it is.
    pub part: Part,
    /// Where it is.
    pub path: PathBuf,
}

/// What is known about one part that exists.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) part: Part,
    /// As configured.
    pub(super) path: PathBuf,
    /// Without symbolic links.
    pub(super) real: PathBuf,
    /// Whether the path itself is a symbolic link.
    pub(super) is_link: bool,
    /// Whether it is a directory.
    pub(super) is_directory: bool,
    /// What is known about its content, where that matters.
    pub(super) content: Option<Content>,
}

/// What is known about the content of a state directory or a workspace.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    /// It is empty, or holds one of the signs of its kind.
    pub(super) recognised: bool,
    /// A checkout with work that is nowhere else, and what that is.
    pub(super) unsaved: Option<(PathBuf, String)>,
}

/// Everything that the decision depends on. The paths without symbolic links, except `home` for display.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) home: PathBuf,
    pub(super) real_home: PathBuf,
    pub(super) real_state_dir: PathBuf,
    /// State directory and workspace of the default profile, unless this is the default profile.
    pub(super) default_profile: Vec<PathBuf>,
    pub(super) found: Vec<Found>,
    /// Unsaved work may go.
    pub(super) discard_unsaved: bool,
    /// The option that says so.
    pub(super) discard_flag: &'static str,
}

/// The files of which an agent's workspace has one, and those of a state directory.
pub(super) const SIGNS_OF_WORKSPACE: [&str; 5] = WORKSPACE_FILES;
pub(super) const SIGNS_OF_STATE: [&str; 5] =
    ["clawdbot.json", "gateway.lock", "agents", "identity", "credentials"];

/// Decides. The order of the removals is the order of `found`; what goes with a directory before it is not listed.
pub(super) fn plan(facts: &Facts) -> Result<Vec<Removal>, RemovalError> {
    state_directory(facts)?;
    for found in &facts.found {
        links(facts, found)?;
        protected(facts, found)?;
        content(facts, found)?;
    }
    let mut removals = Vec::new();
    for (index, found) in facts.found.iter().enumerate() {
        let gone = facts.found[..index].iter().any(|before| found.real.starts_with(&before.real));
        if !gone {
            removals.push(Removal { part: found.part.clone(), path: found.path.clone() });
        }
    }
    Ok(removals)
}

/// A state directory that is a home or a root holds things that only look like a profile's.
fn state_directory(facts: &Facts) -> Result<(), RemovalError> {
    let state_dir = &facts.real_state_dir;
    if facts.real_home.starts_with(state_dir) {
        return Err(RemovalError::Protected {
            path: shorten(state_dir, &facts.real_home),
            why: "it is, or contains, your home directory".to_owned(),
            fix: "Give the profile a state directory of its own".to_owned(),
        });
    }
    Ok(())
}

/// No part is a link, and what lies in the state directory really lies there.
fn links(facts: &Facts, found: &Found) -> Result<(), RemovalError> {
    let leads_out = match found.part {
        Part::Credentials | Part::Sessions(_) => !found.real.starts_with(&facts.real_state_dir),
        Part::Config | Part::State | Part::Workspace => false,
    };
    if found.is_link || leads_out {
        return Err(RemovalError::Link {
            path: shorten(&found.path, &facts.home),
            real: shorten(&found.real, &facts.real_home),
        });
    }
    Ok(())
}

fn protected(facts: &Facts, found: &Found) -> Result<(), RemovalError> {
    let real = &found.real;
    let within = |inner: &Path| inner.starts_with(real);
    let why = if real.parent().is_none() {
        "it is a file system's root".to_owned()
    } else if facts.real_home == *real {
        "it is your home directory".to_owned()
    } else if within(&facts.real_home) {
        "it contains your home directory".to_owned()
    } else if let Some(owner) = facts.default_profile.iter().find(|owner| overlap(real, owner)) {
        format!("it overlaps with {} of the default profile", shorten(owner, &facts.real_home))
    } else if found.part != Part::State && within(&facts.real_state_dir) {
        "it contains the profile's state directory".to_owned()
    } else if matches!(found.part, Part::State | Part::Workspace) && !found.is_directory {
        "it is not a directory".to_owned()
    } else if matches!(found.part, Part::Config) && found.is_directory {
        "it is a directory where the configuration file should be".to_owned()
    } else {
        return Ok(());
    };
    let fix = match found.part {
        Part::Workspace => "Set agents.defaults.workspace to a directory of its own",
        _ => "Remove it yourself if that is what you want",
    };
    Err(RemovalError::Protected { path: shorten(&found.path, &facts.home), why, fix: fix.to_owned() })
}

/// What is removed whole has to be what it is said to be, and to hold no work that is nowhere else.
fn content(facts: &Facts, found: &Found) -> Result<(), RemovalError> {
    let Some(content) = &found.content else { return Ok(()) };
    let path = shorten(&found.path, &facts.home);
    if !content.recognised {
        let (what, signs) = match found.part {
            Part::State => ("a state directory", SIGNS_OF_STATE),
            _ => ("an agent's workspace", SIGNS_OF_WORKSPACE),
        };
        return Err(RemovalError::Unrecognised { path, what, signs: signs.join(", ") });
    }
    match &content.unsaved {
        Some((checkout, what)) if !facts.discard_unsaved => Err(RemovalError::UnsavedWork {
            path,
            checkout: shorten(checkout, &facts.real_home),
            what: what.clone(),
            flag: facts.discard_flag,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
