//! What is said when the system refuses to watch more. Pure.

use std::path::Path;

pub(super) const WATCHES: &str = "fs.inotify.max_user_watches";
pub(super) const INSTANCES: &str = "fs.inotify.max_user_instances";

/// The kernel has no watch left for some directories.
pub(super) fn no_watch_left(current: Option<u64>, unwatched: usize, watched: usize) -> String {
    let unwatched = unwatched as u64;
    let needed = watched as u64 + unwatched;
    let enough = (needed * 2).max(current.unwrap_or(0) * 2).max(524_288);
    let places = if unwatched == 1 { "1 directory is" } else { &format!("{unwatched} directories are") };
    format!(
        "the limit of inotify watches is reached ({}; {needed} needed here): {places} looked at every \
         second or two instead\n{}",
        reading(WATCHES, current),
        cure(WATCHES, enough),
    )
}

/// No watcher can be opened at all.
pub(super) fn no_instance_left(current: Option<u64>) -> String {
    let enough = (current.unwrap_or(0) * 2).max(1024);
    format!(
        "the limit of inotify instances or open files is reached ({}): everything is looked at every second \
         or two instead\n{}",
        reading(INSTANCES, current),
        cure(INSTANCES, enough),
    )
}

/// The watcher failed for another reason.
pub(super) fn no_watcher(reason: &str) -> String {
    format!(
        "the system's file watcher failed ({reason}): everything is looked at every second or two instead"
    )
}

/// A directory on a file system that does not report what others change.
pub(super) fn silent_file_system(path: &Path, kind: &str) -> String {
    format!(
        "{} is on {kind}, which does not report every change: it is also looked at every second or two",
        path.display()
    )
}

fn reading(name: &str, current: Option<u64>) -> String {
    current.map_or_else(|| name.to_owned(), |value| format!("{name} = {value}"))
}

fn cure(name: &str, value: u64) -> String {
    format!(
        "raise it now: sudo sysctl {name}={value}\n\
         and for good: echo {name}={value} | sudo tee /etc/sysctl.d/60-clawdbot.conf"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_holds_the_exact_commands() {
        assert_eq!(
            no_watch_left(Some(8192), 42_310, 8_192),
            "the limit of inotify watches is reached (fs.inotify.max_user_watches = 8192; 50502 needed here): \
             42310 directories are looked at every second or two instead\n\
             raise it now: sudo sysctl fs.inotify.max_user_watches=524288\n\
             and for good: echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-clawdbot.conf"
        );
    }

    #[test]
    fn the_new_limit_is_above_the_old_one_and_above_the_need() {
        assert!(no_watch_left(Some(524_288), 1, 3).contains("max_user_watches=1048576\n"));
        assert!(no_watch_left(None, 1, 400_000).contains("max_user_watches=800002\n"));
        assert!(no_instance_left(Some(128)).contains("max_user_instances=1024\n"));
        assert!(no_instance_left(Some(4096)).contains("max_user_instances=8192\n"));
    }
}
