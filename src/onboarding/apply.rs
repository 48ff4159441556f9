//! The plan carried out: written only when a gateway would start with it. Blocks.

use std::fmt::Write as _;

use super::plan::{Answers, Plan, plan};
use crate::config::write::{WriteError, Written, edited, write};
use crate::config::{Config, Document, Outcome};
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::{GatewaySettings, RunFlags, Secret, guard, resolve};

/// Bytes of a generated token, which has twice as many digits.
const TOKEN_BYTES: usize = 24;

/// What was done.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) plan: Plan,
    /// What a gateway would run with.
    pub(crate) settings: GatewaySettings,
    pub(crate) written: Written,
}

/// Changes the configuration to what is wanted, whole or not at all; `token` is one that nobody knows.
pub(crate) fn apply(
    answers: &Answers,
    token: &Secret,
    paths: &ProfilePaths,
    env: &EnvMap,
) -> Result<Applied, WriteError> {
    let mut done: Option<(Plan, GatewaySettings)> = None;
    let written = write(&paths.config_path, env, None, |document| {
        let plan = plan(answers, &document.written, &usable(document), token)
            .map_err(|text| WriteError::Refused(text.to_owned()))?;
        let text = edited(document, &plan.edits, env)?;
        let after = Document::of_text(&paths.config_path, text.clone(), env);
        // What is not valid is refused by the writer, with its problems.
        if after.snapshot.outcome == Outcome::Valid {
            done = Some((plan, admitted(&after, env, paths).map_err(WriteError::Refused)?));
        }
        Ok(text)
    })?;
    match done {
        Some((plan, settings)) => Ok(Applied { plan, settings, written }),
        // The writer writes nothing that is not valid.
        None => Err(WriteError::Refused("the configuration would not be valid".to_owned())),
    }
}

/// What a document says; nothing when it cannot be used.
pub(crate) fn usable(document: &Document) -> Config {
    match document.snapshot.outcome {
        Outcome::Valid => Config::from_resolved(&document.snapshot.resolved),
        Outcome::Missing | Outcome::Invalid(_) => Config::default(),
    }
}

/// The settings of a start with this document, which has to succeed.
fn admitted(document: &Document, env: &EnvMap, paths: &ProfilePaths) -> Result<GatewaySettings, String> {
    let config = usable(document);
    let settings = resolve(&RunFlags::default(), env, paths, &config).map_err(|refusal| refusal.message)?;
    guard(&settings, false, &config, &document.snapshot, paths).map_err(|refusal| refusal.message)?;
    Ok(settings)
}

/// A token that nobody knows.
pub(crate) fn fresh_token() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::new(bytes.iter().fold(String::with_capacity(2 * TOKEN_BYTES), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })))
}
