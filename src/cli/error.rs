//! What can go wrong in a command that is nobody's bug → text, JSON, and exit code.

use std::process::ExitCode;

use serde_json::json;

use crate::harness::{Escape, SeedError};
use crate::profile::ProfileError;
use crate::removal::RemovalError;
use crate::settings::Refusal;

/// A failure with a text for people and an exit code. The texts are complete: nothing is put before them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExpectedError {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// A start that fails again until somebody changes something; service units do not restart on it.
    #[error("{0}")]
    Refused(String),
    /// No gateway answers.
    #[error("{0}")]
    Unreachable(String),
    /// It was tried and did not work.
    #[error("{0}")]
    Failed(String),
    /// The person stopped it; nothing was done.
    #[error("{0}")]
    Cancelled(String),
    /// A signal cut the drain short; the number of the signal.
    #[error("interrupted by signal {0}")]
    Interrupted(u8),
}

impl ExpectedError {
    /// The exit code, by the table that scripts and service units rely on.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Refused(_) => 78,
            Self::Cancelled(_) => 130,
            Self::Interrupted(signal) => 128_u8.saturating_add(*signal),
        }
    }

    /// The exit code, for the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// The failure for `--json`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let kind = match self {
            Self::Usage(_) => "usage",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
            Self::Interrupted(_) => "interrupted",
        };
        json!({ "ok": false, "error": { "kind": kind, "message": self.to_string(), "exitCode": self.code() } })
    }
}

impl From<ProfileError> for ExpectedError {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Contradiction | ProfileError::InvalidEnvironmentName(_) => {
                Self::Usage(error.to_string())
            }
            ProfileError::HomeUnset | ProfileError::HomeRelative(_) | ProfileError::RelativePath { .. } => {
                Self::Refused(error.to_string())
            }
        }
    }
}

impl From<Refusal> for ExpectedError {
    fn from(refusal: Refusal) -> Self {
        match refusal.exit_code {
            2 => Self::Usage(refusal.message),
            _ => Self::Refused(refusal.message),
        }
    }
}

impl From<Escape> for ExpectedError {
    fn from(error: Escape) -> Self {
        Self::Refused(format!("{error}."))
    }
}

impl From<SeedError> for ExpectedError {
    fn from(error: SeedError) -> Self {
        Self::Refused(format!("{error}."))
    }
}

impl From<RemovalError> for ExpectedError {
    fn from(error: RemovalError) -> Self {
        match error {
            RemovalError::Remove { .. } => Self::Failed(format!("{error}.")),
            _ => Self::Refused(format!("{error}.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_that_scripts_rely_on() {
        let text = || "x".to_owned();
        for (error, code) in [
            (ExpectedError::Failed(text()), 1),
            (ExpectedError::Usage(text()), 2),
            (ExpectedError::Unreachable(text()), 3),
            (ExpectedError::Refused(text()), 78),
            (ExpectedError::Cancelled(text()), 130),
            (ExpectedError::Interrupted(2), 130),
            (ExpectedError::Interrupted(15), 143),
        ] {
            assert_eq!(error.code(), code, "{error:?}");
        }
    }

    #[test]
    fn json_carries_the_same_facts() {
        let error = ExpectedError::Refused("no".to_owned());
        assert_eq!(
            error.to_json(),
            json!({ "ok": false, "error": { "kind": "refused", "message": "no", "exitCode": 78 } })
        );
    }
}
