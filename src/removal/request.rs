//! What shall go.

use std::path::PathBuf;

use crate::platform::lock::Lock;
use crate::profile::{EnvMap, ProfilePaths};

/// Which parts of a profile shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one per part")]
pub struct Wanted {
    /// The configuration file.
    pub config: bool,
    /// Credentials, and the sessions of every agent.
    pub records: bool,
    /// The state directory with everything in it, and the configuration file.
    pub state: bool,
    /// The workspaces.
    pub workspaces: bool,
}

/// Which parts of which profile.
#[derive(Debug)]
pub struct Request<'a> {
    /// The profile.
    pub paths: &'a ProfilePaths,
    /// The environment, which tells whether there is a desktop.
    pub env: &'a EnvMap,
    /// The parts.
    pub wanted: Wanted,
    /// The workspaces that the configuration names; none means the profile's own. A configuration that cannot be read
    /// names none.
    pub workspaces: Vec<PathBuf>,
    /// A checkout with unsaved work may go.
    pub discard_unsaved: bool,
    /// The option that says so, for the refusal.
    pub discard_flag: &'static str,
    /// The harness lock when the caller holds it; otherwise it is held during the removal.
    pub harness_lock: Option<&'a Lock>,
}

impl Wanted {
    /// Nothing.
    pub const NOTHING: Self = Self { config: false, records: false, state: false, workspaces: false };
}

impl Request<'_> {
    /// The workspaces that are meant, wanted or not.
    pub(super) fn workspaces(&self) -> &[PathBuf] {
        match self.workspaces.as_slice() {
            [] => std::slice::from_ref(&self.paths.default_workspace),
            named => named,
        }
    }
}
