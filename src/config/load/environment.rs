//! The profile's `.env`, layered below an environment.

use std::io::{self, Read};
use std::path::Path;

use super::super::dotenv::{DotenvIssue, dotenv};
use crate::platform::fs;
use crate::profile::EnvMap;

/// Why a profile's `.env` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentFault {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// One of its lines means nothing.
    #[error("{0}")]
    Line(#[from] DotenvIssue),
}

/// `env` with the variables of the file at `path` below it; `env` itself when there is no such file.
pub fn environment(path: &Path, env: &EnvMap) -> Result<EnvMap, EnvironmentFault> {
    let mut text = String::new();
    match fs::open_regular(path) {
        Ok(Some((mut file, _))) => _ = file.read_to_string(&mut text)?,
        Ok(None) => return Err(io::Error::other("not a file").into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let mut env = env.clone();
    for (name, value) in dotenv(&text)? {
        env.set_default(&name, &value);
    }
    Ok(env)
}

impl EnvironmentFault {
    /// The fault of the file that people know as `name`.
    pub fn describe(&self, name: &str) -> String {
        match self {
            Self::Unreadable(error) => format!("failed to read {name}: {error}"),
            Self::Line(issue) => format!("{name}: {issue}"),
        }
    }
}
