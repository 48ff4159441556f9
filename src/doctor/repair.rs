//! What is safe to do without asking. Every repair is whole or not at all, and says in words what it did.

use std::fs;

use super::finding::Repair;
use super::moves;
use crate::client::target::RunningGateway;
use crate::config::write::{WriteError, write};
use crate::platform::lock::{Attempt, try_lock};
use crate::platform::{atomic, permissions};
use crate::profile::{ResolvedProfile, shorten};

/// Does it. What was done, or why not.
pub(super) fn perform(repair: &Repair, profile: &ResolvedProfile) -> Result<String, String> {
    let paths = &profile.paths;
    let show = |path| shorten(path, &paths.home);
    match repair {
        Repair::Restrict { path, allowed } => match permissions::restrict(path, *allowed) {
            Ok(()) => Ok(format!("kept others out of {}", show(path))),
            Err(error) => Err(format!("failed to keep others out of {}: {error}", show(path))),
        },
        Repair::MakeDirectory(path) => match atomic::private_directory(path) {
            Ok(()) => Ok(format!("made {}", show(path))),
            Err(error) => Err(format!("failed to make {}: {error}", show(path))),
        },
        Repair::RemoveRuntimeFile => {
            remove_runtime_file(profile).map(|()| format!("removed {}", show(&paths.runtime_file)))
        }
        Repair::MoveKeys { moves, hash } => {
            let env = crate::config::environment(&paths.dotenv, &profile.env)
                .unwrap_or_else(|_| profile.env.clone());
            let written =
                write(&paths.config_path, &env, Some(hash), |document| moves::perform(document, moves, &env));
            let config = show(&paths.config_path);
            let keys: Vec<String> = moves.iter().map(|(from, to)| format!("{from} to {to}")).collect();
            match written {
                Ok(_) => {
                    Ok(format!("moved {} in {config}; the last version is {config}.bak", keys.join(", ")))
                }
                Err(error) => Err(format!("failed to move {} in {config}: {}", keys.join(", "), why(&error))),
            }
        }
    }
}

/// With the lock in hand, so that no gateway starts meanwhile whose file would go.
fn remove_runtime_file(profile: &ResolvedProfile) -> Result<(), String> {
    let paths = &profile.paths;
    let file = shorten(&paths.runtime_file, &paths.home);
    match try_lock(&paths.gateway_lock) {
        Ok(Attempt::Held(_lock)) if RunningGateway::read(&paths.runtime_file).is_none() => {
            fs::remove_file(&paths.runtime_file).map_err(|error| format!("failed to remove {file}: {error}"))
        }
        Ok(_) => Err(format!("left {file} alone: a gateway has started meanwhile")),
        Err(error) => Err(format!("failed to remove {file}: {error}")),
    }
}

fn why(error: &WriteError) -> String {
    match error {
        WriteError::Invalid(issues) => {
            let first = issues.first().map(|issue| issue.message.as_str()).unwrap_or_default();
            format!("it would not be valid afterwards ({first})")
        }
        error => error.to_string(),
    }
}
