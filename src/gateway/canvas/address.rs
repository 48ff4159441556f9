//! What a request path means.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// Where pages tell that they listen: ours, and the published one.
const SOCKET_PATHS: [&str; 2] = ["/__clawdbot__/ws", "/__clawdbot/ws"];

const CANVAS: &str = "/__clawdbot__/canvas";
const A2UI: &str = "/__clawdbot__/a2ui";

/// What a path is about; the rest is behind the prefix, with its percent signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// A page of the canvas.
    Canvas(&'a str),
    /// A file of the A2UI renderer.
    A2ui(&'a str),
    /// Where pages listen.
    Socket,
}

/// What a path is about; `None` when that is something else.
pub(crate) fn address(path: &str) -> Option<Address<'_>> {
    if is_socket(path) {
        return Some(Address::Socket);
    }
    let below =
        |prefix: &str| path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    below(CANVAS).map(Address::Canvas).or_else(|| below(A2UI).map(Address::A2ui))
}

/// Whether pages listen there.
pub(crate) fn is_socket(path: &str) -> bool {
    SOCKET_PATHS.contains(&path)
}

/// The file that `rest` names, relative to a root; `None` when it names none that is served: what leads up, what is
/// hidden, and what could mean another file to the system than it does here.
pub(crate) fn names(rest: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        if name.starts_with('.') || name.chars().any(|c| c == '/' || c == '\\' || c.is_control()) {
            return None;
        }
        path.push(&*name);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (path, expected) in [
            ("/__clawdbot__/canvas", Some(Address::Canvas(""))),
            ("/__clawdbot__/canvas/", Some(Address::Canvas("/"))),
            ("/__clawdbot__/canvas/a/b.html", Some(Address::Canvas("/a/b.html"))),
            ("/__clawdbot__/canvas2", None),
            ("/__clawdbot__/a2ui/x.js", Some(Address::A2ui("/x.js"))),
            ("/__clawdbot__/ws", Some(Address::Socket)),
            ("/__clawdbot/ws", Some(Address::Socket)),
            ("/__clawdbot/ws/", None),
            ("/ws", None),
            ("/", None),
        ] {
            assert_eq!(address(path), expected, "{path}");
        }
    }

    #[track_caller]
    fn check(rest: &str, expected: Option<&str>) {
        assert_eq!(names(rest), expected.map(PathBuf::from), "{rest}");
    }

    #[test]
    fn names_stay_below_the_root() {
        check("", Some(""));
        check("/", Some(""));
        check("//a///b.html", Some("a/b.html"));
        check("/a%20b/%C3%A4.css", Some("a b/ä.css"));
        check("/a..b/c...", Some("a..b/c..."));
        check("/100%", Some("100%"));
        for hostile in [
            "/..",
            "/a/../b",
            "/.",
            "/%2e%2e/secret",
            "/%2E%2e%2fsecret",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/.env",
            "/.git/config",
            "/a%00.html",
            "/a%0d%0ab",
            "/%ff",
        ] {
            check(hostile, None);
        }
        // Decoded once and no more.
        check("/%252e%252e/x", Some("%2e%2e/x"));
    }
}
