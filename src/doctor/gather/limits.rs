//! Limits of the system.

use std::io;
use std::path::Path;

use crate::doctor::facts::{LimitFacts, Unwatchable};
use crate::platform::{fs, limits};

/// What a gateway asks for.
const WANTED: u64 = 16_384;

pub(super) fn look(state_dir: &Path) -> LimitFacts {
    let directory = state_dir.ancestors().find(|directory| directory.is_dir()).unwrap_or(Path::new("/"));
    LimitFacts {
        open_files: limits::allow_open_files(WANTED),
        unwatchable: limits::try_to_watch(directory).err().and_then(|error| which(&error)),
        watches: fs::kernel_parameter("fs.inotify.max_user_watches"),
        instances: fs::kernel_parameter("fs.inotify.max_user_instances"),
    }
}

fn which(error: &io::Error) -> Option<Unwatchable> {
    if fs::is_watch_limit(error) {
        Some(Unwatchable::Watches)
    } else if fs::is_descriptor_limit(error) {
        Some(Unwatchable::Instances)
    } else {
        None
    }
}
