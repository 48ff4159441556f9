//! First run: the dev configuration and workspace, each file only if missing.

use std::path::PathBuf;

/// What seeding created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedReport {
    /// The workspace.
    pub workspace: PathBuf,
    /// Whether the configuration file was created.
    pub config_created: bool,
    /// Whether the workspace directory was created.
    pub workspace_created: bool,
    /// Names of the workspace files that were created.
    pub files: Vec<&'static str>,
}
