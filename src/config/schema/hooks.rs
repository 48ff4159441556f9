//! `hooks`: what other programs may tell the gateway over HTTP.

use serde::{Deserialize, Serialize};

use crate::settings::Secret;

/// `hooks`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Hooks {
    /// Whether the HTTP hooks are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Below which path they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What every caller has to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The longest body, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
    /// Mappings that come with the program, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub presets: Vec<String>,
    /// What becomes of bodies of other shapes. The first that matches counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<HookMapping>,
    /// Hooks that run inside the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internal: Option<InternalHooks>,
}

/// One entry of `hooks.mappings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HookMapping {
    /// Its name in messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which requests it is about; all without it.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<HookMatch>,
    /// What is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<HookAction>,
    /// Whether a heartbeat follows at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wake_mode: Option<WakeMode>,
    /// Template of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Template of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<String>,
    /// Template of what an agent is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_template: Option<String>,
    /// Template of the text of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_template: Option<String>,
    /// Code that has a say in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform: Option<HookTransform>,
}

/// `hooks.mappings[].match`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HookMatch {
    /// The path below `hooks.path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The member `source` of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// `hooks.mappings[].transform`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HookTransform {
    /// A module of JavaScript or TypeScript.
    pub module: String,
}

/// `hooks.mappings[].action`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HookAction {
    /// A text for the main session.
    Wake,
    /// A task for an agent.
    #[default]
    Agent,
}

/// When the main session looks at what it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WakeMode {
    /// At once.
    #[default]
    Now,
    /// With its next heartbeat.
    NextHeartbeat,
}

/// `hooks.internal`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InternalHooks {
    /// Whether they are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl WakeMode {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::NextHeartbeat => "next-heartbeat",
        }
    }
}
