//! What is added to a page of the Control UI on its way: what the interface has to know about this gateway, and the
//! policy that says which code may run in it. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What the interface is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Where it is served.
    pub(super) base_path: String,
    /// How the assistant is called.
    pub(super) name: String,
    /// Its picture: an address, or a short text.
    pub(super) avatar: String,
}

// === impl Told ===

impl Told {
    /// The script that tells it, without its tags.
    pub(super) fn script(&self) -> String {
        let Self { base_path, name, avatar } = self;
        [
            ("__CLAWDBOT_CONTROL_UI_BASE_PATH__", base_path),
            ("__CLAWDBOT_ASSISTANT_NAME__", name),
            ("__CLAWDBOT_ASSISTANT_AVATAR__", avatar),
        ]
        .map(|(variable, value)| format!("window.{variable}={};", literal(value)))
        .concat()
    }
}

/// A text as JavaScript, which cannot end the script that it stands in.
fn literal(text: &str) -> String {
    Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// The page with a script before `</head>`, or at its beginning when it has no head.
pub(super) fn with_script(page: &str, script: &str) -> String {
    let head = page.find("</head>").unwrap_or(0);
    let (before, after) = page.split_at(head);
    format!("{before}<script>{script}</script>{after}")
}

/// What a content security policy calls a script or style that stands in the page.
pub(super) fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// The sources of all scripts that stand in a page itself: whoever built it wants them to run.
pub(super) fn inline_sources(page: &str) -> String {
    let mut sources = Vec::new();
    // Case folding of ASCII keeps every place where it is.
    let lower = page.to_ascii_lowercase();
    let mut from = 0;
    while let Some(start) = lower[from..].find("<script").map(|start| from + start) {
        let Some(open) = lower[start..].find('>').map(|open| start + open + 1) else { break };
        let Some(close) = lower[open..].find("</script").map(|close| open + close) else { break };
        if open < close && !lower[start..open].contains("src=") {
            sources.push(source_of(&page[open..close]));
        }
        from = close;
    }
    sources.join(" ")
}

/// The policy of pages of the Control UI. The published one loads its fonts from Google, shows pictures of the web in
/// conversations, and may be told to talk to another gateway. `scripts` are sources of what stands in the page.
pub(super) fn policy(scripts: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline' \
         https://fonts.googleapis.com; font-src 'self' data: https://fonts.gstatic.com; img-src 'self' data: blob: \
         https:; media-src 'self' data: blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_cannot_end_the_script() {
        let told = Told {
            base_path: "/ui".to_owned(),
            name: "</script><script>alert(1)".to_owned(),
            avatar: "\"\\\u{2028}".to_owned(),
        };
        assert_eq!(
            told.script(),
            "window.__CLAWDBOT_CONTROL_UI_BASE_PATH__=\"/ui\";\
             window.__CLAWDBOT_ASSISTANT_NAME__=\"\\u003c/script>\\u003cscript>alert(1)\";\
             window.__CLAWDBOT_ASSISTANT_AVATAR__=\"\\\"\\\\\\u2028\";"
        );
    }

    #[test]
    fn the_script_stands_before_the_end_of_the_head() {
        for (page, expected) in [
            ("<head><title>x</title></head><body>", "<head><title>x</title><script>S</script></head><body>"),
            ("<p>no head", "<script>S</script><p>no head"),
        ] {
            assert_eq!(with_script(page, "S"), expected);
        }
    }

    #[test]
    fn scripts_in_the_page_are_allowed_and_those_of_files_are_not_counted() {
        let page = "<script>a()</script><SCRIPT type=module>b()</SCRIPT><script src=\"x.js\"></script>\
                    <script src='y.js'>c()</script><script></script><script>unfinished";
        assert_eq!(inline_sources(page), format!("{} {}", source_of("a()"), source_of("b()")));
        assert_eq!(inline_sources("no script"), "");
        // Of the specification.
        assert_eq!(
            source_of("alert('Hello, world.');"),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }
}
