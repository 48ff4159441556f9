//! What a path asks for. Pure.

use percent_encoding::percent_decode_str;

/// What is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing of the Control UI.
    Elsewhere,
    /// The base path without its slash: relative addresses in the page would start one level too high.
    Directory,
    /// A file below the root; whether there is one is another question. The path is decoded, and stays below.
    File(String),
    /// Something that no page of ours links to: a way out, a hidden file, what cannot be decoded.
    Refused,
}

/// The file that stands for every view of the interface, which finds its way by the path itself.
pub(super) const INDEX: &str = "index.html";

/// Resolves a path as it was sent. `base` is normalised.
pub(super) fn resolve(path: &str, base: &str) -> Target {
    let below = if base.is_empty() {
        // The place of the interface in earlier releases.
        if path == "/ui" || path.starts_with("/ui/") {
            return Target::Refused;
        }
        path
    } else {
        match path.strip_prefix(base) {
            Some("") => return Target::Directory,
            Some(below) if below.starts_with('/') => below,
            _ => return Target::Elsewhere,
        }
    };
    // Under a deep link the page asks for `/chat/assets/x.js`.
    let from = below.find("/assets/").unwrap_or(0);
    let mut segments = Vec::new();
    for segment in below[from..].split('/').filter(|segment| !segment.is_empty()) {
        match percent_decode_str(segment).decode_utf8() {
            Ok(name) if is_plain(&name) => segments.push(name),
            _ => return Target::Refused,
        }
    }
    if segments.is_empty() || below.ends_with('/') {
        segments.push(INDEX.into());
    }
    Target::File(segments.join("/"))
}

/// Whether a name is that of a file and nothing else: what is encoded in it must not have become a separator, a drive,
/// or the end of a text, and what cannot be decoded stands as it was. Hidden files are nobody's business.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.') && !name.contains(|letter: char| "/\\:%".contains(letter) || letter.is_control())
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_sent_a_file_lies_below_the_root(
            path in "(/|\\.|%2[eEfF]|%5[cC]|%00|%|\\\\|:|assets|a|ü){0,24}",
            base in "(|/ui|/a/b)",
        ) {
            if let Target::File(name) = resolve(&format!("/{path}"), &base) {
                prop_assert!(!name.is_empty() && !name.contains(|c: char| c == '\\' || c.is_control()), "{name}");
                let mut parts = Path::new(&name).components();
                prop_assert!(parts.all(|part| matches!(part, Component::Normal(_))), "{name}");
            }
        }
    }

    fn file(path: &str) -> Target {
        Target::File(path.to_owned())
    }

    #[track_caller]
    fn check(base: &str, cases: &[(&str, Target)]) {
        for (path, expected) in cases {
            assert_eq!(&resolve(path, base), expected, "{path} below {base:?}");
        }
    }

    #[test]
    fn paths_are_files_below_the_root() {
        check(
            "",
            &[
                ("/", file(INDEX)),
                ("//", file(INDEX)),
                ("/chat", file("chat")),
                ("/chat/", file("chat/index.html")),
                ("/favicon.ico", file("favicon.ico")),
                ("/assets/index.js", file("assets/index.js")),
                ("/chat/assets/index.js", file("assets/index.js")),
                ("/a/b/assets/c/d.css", file("assets/c/d.css")),
                ("/a%20b.txt", file("a b.txt")),
                ("/%c3%bc", file("ü")),
                ("/uid", file("uid")),
            ],
        );
    }

    #[test]
    fn no_path_leads_out() {
        for path in [
            "/..",
            "/../etc/passwd",
            "/assets/../../etc/passwd",
            "/%2e%2e/etc/passwd",
            "/.%2e/x",
            "/a%2f..%2fb",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/a%00.js",
            "/%00",
            "/a%0ab",
            "/c:/windows",
            "/.env",
            "/assets/.git/config",
            "/.",
            "/%",
            "/%2",
            "/%zz",
            "/%ff",
            "/ui",
            "/ui/",
            "/ui/index.html",
        ] {
            assert_eq!(resolve(path, ""), Target::Refused, "{path}");
        }
    }

    #[test]
    fn everything_is_below_the_base_path() {
        check(
            "/ui",
            &[
                ("/ui", Target::Directory),
                ("/ui/", file(INDEX)),
                ("/ui/chat", file("chat")),
                ("/ui/chat/assets/x.js", file("assets/x.js")),
                ("/uid", Target::Elsewhere),
                ("/", Target::Elsewhere),
                ("/UI/", Target::Elsewhere),
                ("/ui/../x", Target::Refused),
            ],
        );
        check("/a/b", &[("/a/b", Target::Directory), ("/a", Target::Elsewhere), ("/a/b/c", file("c"))]);
    }
}
