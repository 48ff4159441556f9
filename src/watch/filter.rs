//! Which names never matter: droppings of editors, version control. Pure.

use std::ffi::OsStr;

/// Whether a name belongs to something that an editor or another program leaves beside the real file.
pub(super) fn is_dropping(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let stem_end = |suffix: &str| name.len() > suffix.len() && name.ends_with(suffix);
    is_vim_probe(&name)
        // vim's swap files: `.swp` first, then `.swo`, `.swn`, …; `.swx` is its probe.
        || [".swp", ".swo", ".swn", ".swx"].into_iter().any(stem_end)
        || [".tmp", "~", ".kate-swp", "___jb_tmp___", "___jb_old___"].into_iter().any(stem_end)
        || [".#", ".goutputstream-", ".nfs", ".fuse_hidden", ".~lock."].iter().any(|it| name.starts_with(it))
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || name == ".DS_Store"
}

/// Whether a name belongs to a version control system's own directory (or to the file that points to one).
pub(super) fn is_version_control(name: &OsStr) -> bool {
    const NAMES: [&str; 9] = [".git", ".hg", ".svn", ".jj", ".sl", ".bzr", ".pijul", "_darcs", "CVS"];
    NAMES.iter().any(|known| name == *known)
}

/// vim creates `4913` to see whether it may create files; when that exists, 123 more, and so on.
fn is_vim_probe(name: &str) -> bool {
    name.parse::<u32>().is_ok_and(|number| (4913..10_000).contains(&number) && (number - 4913) % 123 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_dropping(names: &[&str], expect: bool) {
        for name in names {
            assert_eq!(is_dropping(OsStr::new(name)), expect, "{name}");
        }
    }

    #[test]
    fn droppings() {
        check_dropping(
            &["4913", "5036", ".AGENTS.md.swp", ".x.swo", ".x.swx", "AGENTS.md~", ".#AGENTS.md"],
            true,
        );
        check_dropping(
            &["#AGENTS.md#", ".goutputstream-9X2", "a.md___jb_tmp___", ".clawdbot.json.a1.tmp"],
            true,
        );
        check_dropping(&[".~lock.table.ods#", ".DS_Store", ".nfs0001", ".a.kate-swp"], true);
    }

    #[test]
    fn real_files_that_look_alike() {
        check_dropping(
            &["AGENTS.md", "4914", "49130", "~", "#", "a#b", "swap.swift", "tmp", ".tmp", ".env"],
            false,
        );
        check_dropping(&["notes.bak", "#1 plan.md", "nfs.md", "lock", "jb_tmp"], false);
    }

    #[test]
    fn version_control() {
        assert!(is_version_control(OsStr::new(".git")));
        assert!(!is_version_control(OsStr::new(".gitignore")));
    }
}
