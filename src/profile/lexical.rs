//! Paths as texts: `~`, `.`, and `..` resolved without asking the file system.
//!
//! Links are not followed here; whoever writes or deletes compares real paths too (`harness::isolation`).

use std::path::{Component, Path, PathBuf};

/// `text` as an absolute path without `.` and `..`: `~` is `home`, a relative path starts at `working_dir`.
///
/// `None` when the path is relative and there is nothing to start from.
pub fn normalise(text: &str, home: &Path, working_dir: Option<&Path>) -> Option<PathBuf> {
    let path = match text.strip_prefix('~') {
        Some("") => home.to_owned(),
        Some(rest) if rest.starts_with(std::path::is_separator) => {
            home.join(rest.trim_start_matches(std::path::is_separator))
        }
        _ => PathBuf::from(text),
    };
    let path = if path.is_absolute() { path } else { working_dir?.join(path) };
    Some(collapse(&path))
}

/// Whether `path` is `directory` or lies in it. Both have to be normalised.
pub fn is_within(path: &Path, directory: &Path) -> bool {
    path.starts_with(directory)
}

/// The path for people: the home directory is `~`.
pub fn shorten(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) => format!("~{}{}", std::path::MAIN_SEPARATOR, rest.display()),
        Err(_) => path.display().to_string(),
    }
}

/// Removes `.` and resolves `..`; what goes above the root stays at the root.
pub(super) fn collapse(path: &Path) -> PathBuf {
    let mut collapsed = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                collapsed.pop();
            }
            other => collapsed.push(other),
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let home = Path::new("/home/you");
        assert_eq!(
            normalise(text, home, Some(Path::new("/srv/project"))),
            expected.map(PathBuf::from),
            "{text}"
        );
    }

    #[test]
    fn every_spelling_of_a_directory_is_the_same_directory() {
        check("~", Some("/home/you"));
        check("~/.clawdbot", Some("/home/you/.clawdbot"));
        check("~//.clawdbot/", Some("/home/you/.clawdbot"));
        check("/home/you/.clawdbot-dev/../.clawdbot/.", Some("/home/you/.clawdbot"));
        check("/home/you//./.clawdbot///", Some("/home/you/.clawdbot"));
        check("/../../etc", Some("/etc"));
        check("state", Some("/srv/project/state"));
        check("../state", Some("/srv/state"));
        check("~other/state", Some("/srv/project/~other/state"));
    }

    #[test]
    fn a_relative_path_needs_a_start() {
        assert_eq!(normalise("state", Path::new("/home/you"), None), None);
        assert_eq!(normalise("/state", Path::new("/home/you"), None), Some(PathBuf::from("/state")));
    }

    #[test]
    fn within_means_whole_components() {
        let directory = Path::new("/home/you/.clawdbot");
        assert!(is_within(directory, directory));
        assert!(is_within(Path::new("/home/you/.clawdbot/agents"), directory));
        assert!(!is_within(Path::new("/home/you/.clawdbot-dev"), directory));
        assert!(!is_within(Path::new("/home/you"), directory));
    }

    #[test]
    fn people_see_a_tilde() {
        let home = Path::new("/home/you");
        assert_eq!(shorten(Path::new("/home/you/clawd-dev"), home), "~/clawd-dev");
        assert_eq!(shorten(home, home), "~");
        assert_eq!(shorten(Path::new("/home/your/clawd"), home), "/home/your/clawd");
    }
}
