//! `session`.

use serde::{Deserialize, Serialize};

/// `session`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Session {
    /// Who shares a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<SessionScope>,
    /// Who shares a direct-message session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dm_scope: Option<DmScope>,
    /// Name of the main session. The published program ignores it: the main session is always `main`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main_key: Option<String>,
    /// The session store; `{agentId}` in it is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// After how many idle minutes a session starts afresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_minutes: Option<u64>,
}

/// Who shares a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionScope {
    /// One session per sender.
    #[default]
    PerSender,
    /// One for all.
    Global,
}

/// Who shares a direct-message session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DmScope {
    /// All of them share the main session.
    #[default]
    Main,
    /// One per peer.
    PerPeer,
    /// One per channel and peer.
    PerChannelPeer,
}
