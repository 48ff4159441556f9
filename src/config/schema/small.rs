//! The sections of which the run path reads a key or two: `ui`, `commands`, `hooks`, `cron`.

use serde::{Deserialize, Serialize};

/// `ui`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Ui {
    /// Accent colour, `#RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seam_color: Option<String>,
    /// How the assistant is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assistant: Option<Assistant>,
}

/// `ui.assistant`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Assistant {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
}

/// `commands`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Commands {
    /// Whether a restart may be asked for from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<bool>,
}

/// `hooks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hooks {
    /// Whether the HTTP hooks are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Hooks that run inside the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<InternalHooks>,
}

/// `hooks.internal`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InternalHooks {
    /// Whether they are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// `cron`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Cron {
    /// Whether jobs run when they are due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The file of the jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
}
