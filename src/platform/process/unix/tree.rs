//! Who descends from this process.

use std::collections::BTreeSet;

/// Children of this process, their children, and so on; what the system can tell, at this moment.
///
/// Empty on systems without `/proc`: there, only a process group can be reached.
pub(crate) fn descendants() -> BTreeSet<u32> {
    descendants_of(std::process::id())
}

/// The same for another process.
pub(crate) fn descendants_of(pid: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = children_of(pid);
    while let Some(pid) = open.pop() {
        if found.insert(pid) {
            open.extend(children_of(pid));
        }
    }
    found
}

/// Children of one process, whichever of its threads started them.
#[cfg(target_os = "linux")]
pub(crate) fn children_of(pid: u32) -> Vec<u32> {
    use std::fs;

    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let lists: Option<Vec<String>> = threads
        .filter_map(Result::ok)
        .map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .collect();
    match lists {
        Some(lists) => lists.iter().flat_map(|list| list.split_whitespace()).filter_map(parse).collect(),
        // Either a thread has ended meanwhile or the kernel was built without these lists.
        None => fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter_map(|entry| parse(entry.file_name().to_str()?))
            .filter(|candidate| {
                fs::read_to_string(format!("/proc/{candidate}/stat"))
                    .is_ok_and(|stat| parent(&stat) == Some(pid))
            })
            .collect(),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn children_of(_pid: u32) -> Vec<u32> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn parse(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// The parent's pid in a line of `/proc/PID/stat`: the second field after the name, which stands in parentheses
/// and may itself contain any.
#[cfg(target_os = "linux")]
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1).and_then(parse)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stat: &str, expect: Option<u32>) {
        assert_eq!(parent(stat), expect);
    }

    #[test]
    fn the_parent_is_found_behind_any_name() {
        check("12 (sh) S 7 12 12 0 -1", Some(7));
        check("12 (a) b) 3 (c) S 7 12 12 0 -1", Some(7));
        check("12 (sh", None);
    }
}
