//! The whole document, section by section.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Agents, CanvasHost, Commands, Cron, EnvSection, Gateway, Hooks, Logging, Session, Skills, Ui};

/// The sections of a configuration that the gateway's run path reads.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    /// `gateway`.
    pub gateway: Gateway,
    /// `agents`.
    pub agents: Agents,
    /// `session`.
    pub session: Session,
    /// `logging`.
    pub logging: Logging,
    /// `ui`.
    pub ui: Ui,
    /// `commands`.
    pub commands: Commands,
    /// `hooks`.
    pub hooks: Hooks,
    /// `canvasHost`.
    pub canvas_host: CanvasHost,
    /// `env`.
    pub env: EnvSection,
    /// `skills`.
    pub skills: Skills,
    /// `cron`.
    pub cron: Cron,
}

impl Config {
    /// The typed view of a resolved document.
    ///
    /// Only a valid document (`Outcome::Valid`) or the empty object may be passed: `load` refuses a document that
    /// does not fit these types, so that nothing is lost here.
    pub fn from_resolved(resolved: &Value) -> Self {
        Self::deserialize(resolved).unwrap_or_default()
    }
}
