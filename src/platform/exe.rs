//! Paths of the program that runs.

use std::io;
use std::path::PathBuf;

/// The path from which this program was started. It stays valid when a build replaces the file: Linux then
/// appends ` (deleted)` to what it knows, and the next generation must come from the new file.
#[expect(clippy::disallowed_methods, reason = "the one place that asks for it")]
pub fn current() -> io::Result<PathBuf> {
    std::env::current_exe().map(without_deletion_mark)
}

/// The image that runs right now, whatever happened to its file since: a keeper started from it cannot be
/// broken by a rebuild. Meant to be executed, not to be shown.
#[cfg(target_os = "linux")]
pub fn running_image() -> io::Result<PathBuf> {
    Ok(PathBuf::from("/proc/self/exe"))
}

/// Only Linux can start an image whose file is gone; elsewhere this is [`current`].
#[cfg(not(target_os = "linux"))]
pub fn running_image() -> io::Result<PathBuf> {
    current()
}

fn without_deletion_mark(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_suffix(" (deleted)")) {
        Some(original) => PathBuf::from(original),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_a_rebuild() {
        assert_eq!(without_deletion_mark("/bin/clawdbot (deleted)".into()), PathBuf::from("/bin/clawdbot"));
        assert_eq!(without_deletion_mark("/bin/clawdbot".into()), PathBuf::from("/bin/clawdbot"));
        assert!(current().unwrap().is_file());
    }
}
