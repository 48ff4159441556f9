//! `logging`.

use serde::{Deserialize, Serialize};

/// `logging`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// Level of the log file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<LogLevel>,
    /// The log file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Level of the terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_level: Option<LogLevel>,
    /// Form of the lines on the terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console_style: Option<ConsoleStyle>,
    /// What is redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redact_sensitive: Option<Redaction>,
    /// Regular expressions of what is redacted besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact_patterns: Vec<String>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Nothing.
    Silent,
    /// What ends the program.
    Fatal,
    /// Failures.
    Error,
    /// Surprises.
    Warn,
    /// Milestones.
    Info,
    /// Steps.
    Debug,
    /// Everything.
    Trace,
}

/// Form of the lines on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsoleStyle {
    /// Coloured, with time and subsystem.
    Pretty,
    /// Short lines.
    Compact,
    /// One JSON object per line.
    Json,
}

/// What is redacted in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Redaction {
    /// Nothing.
    Off,
    /// Arguments and results of tools.
    Tools,
}
