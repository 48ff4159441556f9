//! The profile's `.env`, layered below an environment.

use std::io;
use std::path::Path;

use super::super::dotenv::{DotenvIssue, dotenv};
use crate::platform::regular;
use crate::profile::EnvMap;

/// The largest file that is read, in bytes.
const SIZE_LIMIT: u64 = 1 << 20;

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
    let text = match regular::read_text(path, SIZE_LIMIT) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
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
