//! Profile names and their validation.

use serde::{Deserialize, Serialize};

/// A validated profile name: `^[a-z0-9][a-z0-9_-]{0,63}$`, any case, kept as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileName(String);

/// A name that cannot name a profile. The text is the published program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("[clawdbot] Invalid --profile (use letters, numbers, \"_\", \"-\" only)")]
pub struct InvalidProfileName;

impl ProfileName {
    /// Validates `text`.
    pub fn parse(text: &str) -> Result<Self, InvalidProfileName> {
        let mut characters = text.chars();
        let starts_well = characters.next().is_some_and(|first| first.is_ascii_alphanumeric());
        let goes_on_well = characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if starts_well && goes_on_well && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidProfileName)
        }
    }

    /// The name of the development profile.
    pub fn dev() -> Self {
        Self("dev".to_owned())
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the profile `default` in any case, which is the same as none.
    pub fn is_default(&self) -> bool {
        self.0.eq_ignore_ascii_case("default")
    }

    /// Whether this is the profile `dev` in any case, which turns on dev mode.
    pub fn is_dev(&self) -> bool {
        self.0.eq_ignore_ascii_case("dev")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["dev", "Work", "a", "0", "a_b-c", &"x".repeat(64)] {
            assert_eq!(ProfileName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-x", "_x", "bad name", "a/b", "é", "..", &"x".repeat(65)] {
            assert_eq!(ProfileName::parse(bad), Err(InvalidProfileName), "{bad:?}");
        }
    }
}
