//! `skills`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::Secret;

/// `skills`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Skills {
    /// Where skills are looked for.
    pub load: SkillsLoad,
    /// How what they need is installed.
    pub install: SkillsInstall,
    /// Skills by their keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, SkillEntry>,
}

/// `skills.load`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SkillsLoad {
    /// Directories besides the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra_dirs: Vec<String>,
}

/// `skills.install`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SkillsInstall {
    /// Whether Homebrew is preferred where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefer_brew: Option<bool>,
    /// Who installs packages of Node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_manager: Option<NodeManager>,
}

/// `skills.install.nodeManager`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeManager {
    /// npm.
    #[default]
    Npm,
    /// pnpm.
    Pnpm,
    /// yarn.
    Yarn,
    /// bun.
    Bun,
}

/// `skills.entries.KEY`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SkillEntry {
    /// Whether it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The value of its main variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<Secret>,
    /// Variables that it gets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Secret>,
}

impl NodeManager {
    /// The name of the program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }
}
