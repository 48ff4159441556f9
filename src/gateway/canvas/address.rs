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

/// When a page was read that comes to listen, in nanoseconds since 1970: `seen` of the query.
pub(crate) fn seen(query: Option<&str>) -> Option<i128> {
    query?.split('&').find_map(|pair| pair.strip_prefix("seen="))?.parse().ok()
}

/// Where a client finds the canvas that has reached us as `host`: there, and at our port when it names none. A proxy that
/// speaks TLS has a port of its own.
pub(crate) fn base_url(host: &str, own_port: u16, own_tls: bool, proxy_tls: bool) -> Option<String> {
    let host = host.trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_plain) {
        return None;
    }
    let after_name = host.rsplit_once(']').map_or(host, |(_, after)| after);
    let port = if after_name.contains(':') || proxy_tls { String::new() } else { format!(":{own_port}") };
    let scheme = if own_tls || proxy_tls { "https" } else { "http" };
    Some(format!("{scheme}://{host}{port}"))
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
    use std::path::Component;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_leads_up(rest in "([/.%\\\\a-f2E5C:~-]|%2e|%2f|%5c|%00|\\PC){0,40}") {
            if let Some(path) = names(&rest) {
                for component in path.components() {
                    let Component::Normal(name) = component else { panic!("{rest}: {component:?}") };
                    let name = name.to_string_lossy();
                    prop_assert!(!name.starts_with('.') && !name.contains(['/', '\\', '\0']), "{}: {}", rest, name);
                }
            }
        }
    }

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

    #[test]
    fn pages_say_when_they_were_read() {
        for (query, expected) in [
            (Some("seen=5"), Some(5)),
            (Some("a=b&seen=1764437947123456789"), Some(1_764_437_947_123_456_789)),
            (Some("seen=x"), None),
            (Some("unseen=5"), None),
            (None, None),
        ] {
            assert_eq!(seen(query), expected, "{query:?}");
        }
    }

    #[test]
    fn the_canvas_is_where_the_client_has_come_to() {
        for (host, own_tls, proxy_tls, expected) in [
            ("127.0.0.1:5", false, false, Some("http://127.0.0.1:5")),
            ("localhost", false, false, Some("http://localhost:18789")),
            ("[::1]", true, false, Some("https://[::1]:18789")),
            ("[::1]:5", false, false, Some("http://[::1]:5")),
            ("mac.tail.ts.net", false, true, Some("https://mac.tail.ts.net")),
            ("mac:8443", false, true, Some("https://mac:8443")),
            ("", false, false, None),
            ("a/b", false, false, None),
            ("a\"b", false, false, None),
        ] {
            assert_eq!(base_url(host, 18_789, own_tls, proxy_tls).as_deref(), expected, "{host}");
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
