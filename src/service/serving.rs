//! Whether a gateway that a manager has started serves by now, for managers that are told nothing about that.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::platform::regular;

/// No runtime file is longer.
const LONGEST: u64 = 64 << 10;

/// The runtime file, which a gateway of this program writes when it serves.
#[derive(Debug)]
pub(super) struct RuntimeFile(PathBuf);

#[derive(Deserialize)]
struct Content {
    pid: u32,
}

impl RuntimeFile {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The process that has written it.
    pub(super) fn pid(&self) -> Option<u32> {
        let content = regular::read(&self.0, LONGEST).ok()?;
        serde_json::from_slice::<Content>(&content).ok().map(|content| content.pid)
    }
}
