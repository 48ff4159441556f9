//! The sections of which the run path reads a key or two: `ui`, `commands`, `canvasHost`, `cron`.

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

/// `canvasHost`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CanvasHost {
    /// Whether pages are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The directory with the pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Whether pages are told about changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_reload: Option<bool>,
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
