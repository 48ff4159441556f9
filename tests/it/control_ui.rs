//! The files of the Control UI: what is served, under which address, and what is not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::gateway::{self, Gateway};
use crate::support::home::Home;
use crate::support::raw::{Answer, ask};
use crate::support::wait::{self, PATIENCE};

const PAGE: &str =
    "<!doctype html><html><head><title>UI</title></head><body><clawdbot-app></clawdbot-app></body></html>";

/// A built interface in the home.
fn build(home: &Home) {
    home.write("ui/index.html", PAGE);
    home.write("ui/assets/index.js", "console.log(1)");
    home.write("ui/assets/index.css", "body{}");
    home.write("ui/favicon.ico", "icon");
    home.write("ui/a b.txt", "text");
    home.write("outside.txt", "a secret");
}

/// A gateway with it, and these members of `gateway.controlUi` besides.
fn started(home: &Home, more: &str) -> Gateway {
    build(home);
    configure(home, more, "");
    gateway::in_home(home).start()
}

fn configure(home: &Home, more: &str, document: &str) {
    let root = serde_json::to_string(&home.path().join("ui")).unwrap();
    let text = format!("auth: {{ token: 'right' }}, controlUi: {{ root: {root}, {more} }}");
    gateway::configure(home, &gateway::prompt(&text, document));
}

#[track_caller]
fn check(gateway: &Gateway, line: &str, status: u16, body: &str) -> Answer {
    let answer = ask(gateway.address(), line, &[]);
    assert_eq!(answer.status, status, "{line}: {answer:?}");
    assert!(answer.text().contains(body), "{line}: {}", answer.text());
    answer
}

#[test]
fn files_are_served_with_their_types_and_views_are_the_page() {
    let home = Home::new();
    let gateway = started(&home, "");
    for (path, body, kind) in [
        ("/", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/chat", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/chat/", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/any/deep/view?session=main", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/assets/missing.js", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/assets", "<clawdbot-app>", "text/html; charset=utf-8"),
        ("/assets/index.js", "console.log(1)", "application/javascript; charset=utf-8"),
        ("/assets/index.js?v=2", "console.log(1)", "application/javascript; charset=utf-8"),
        ("/chat/assets/index.css", "body{}", "text/css; charset=utf-8"),
        ("/a/b/assets/index.js", "console.log(1)", "application/javascript; charset=utf-8"),
        ("/favicon.ico", "icon", "image/x-icon"),
        ("/a%20b.txt", "text", "text/plain; charset=utf-8"),
    ] {
        let answer = check(&gateway, &format!("GET {path}"), 200, body);
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}");
        let head = check(&gateway, &format!("HEAD {path}"), 200, "");
        assert!(head.body.is_empty(), "{path}: {head:?}");
        for name in ["content-type", "content-length", "etag", "content-security-policy"] {
            assert_eq!(head.header(name), answer.header(name), "{path}: {name}");
        }
        assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()), "{path}");
    }
    gateway.stop();
}

#[test]
fn nothing_outside_of_the_directory_is_served() {
    let home = Home::new();
    let gateway = started(&home, "");
    home.write("ui/.env", "KEY=value");
    home.write("ui/.git/config", "config");
    let ui = home.path().join("ui");
    symlink("../outside.txt", ui.join("near.txt")).unwrap();
    symlink(home.path().join("outside.txt"), ui.join("far.txt")).unwrap();
    symlink("..", ui.join("up")).unwrap();
    symlink("assets/index.js", ui.join("inside.js")).unwrap();
    for path in [
        "/../outside.txt",
        "/assets/../../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/..%5coutside.txt",
        "/%2e%2e%2foutside.txt",
        "//etc/passwd/../../outside.txt",
        "/near.txt",
        "/far.txt",
        "/up/outside.txt",
        "/.env",
        "/.git/config",
        "/a%00.txt",
        "/a%2fb",
        "/%ff",
        "/ui",
        "/ui/",
    ] {
        let answer = check(&gateway, &format!("GET {path}"), 404, "Not Found");
        assert!(!answer.text().contains("secret"), "{path}");
    }
    check(&gateway, "GET /inside.js", 200, "console.log(1)");
    for line in ["POST /", "PUT /assets/index.js", "DELETE /chat", "OPTIONS /", "PATCH /anything"] {
        let answer = check(&gateway, line, 405, "Method Not Allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{line}");
    }
    gateway.stop();
}

#[test]
fn what_a_browser_has_is_not_sent_again_until_it_changes() {
    let home = Home::new();
    let gateway = started(&home, "");
    let etag =
        |path: &str| check(&gateway, &format!("GET {path}"), 200, "").header("etag").unwrap().to_owned();
    let ask_if = |path: &str, etag: &str| {
        ask(gateway.address(), &format!("GET {path}"), &[&format!("If-None-Match: {etag}")])
    };
    for path in ["/assets/index.js", "/", "/chat"] {
        let known = etag(path);
        let answer = ask_if(path, &format!("\"other\", W/{known}"));
        assert_eq!((answer.status, answer.body.len()), (304, 0), "{path}: {answer:?}");
        assert_eq!(answer.header("etag"), Some(known.as_str()), "{path}");
        let policy = answer.header("content-security-policy");
        assert_eq!(
            policy,
            check(&gateway, &format!("GET {path}"), 200, "").header("content-security-policy")
        );
        assert_eq!(ask_if(path, "\"other\"").status, 200, "{path}");
    }
    // Every save is another content, also within one tick of the clock and of the same length.
    for round in 0..20 {
        let known = etag("/assets/index.js");
        home.write("ui/assets/index.js", &format!("console.log({})", round % 10 + 1));
        let answer = ask_if("/assets/index.js", &known);
        let expected = if round == 0 { 304 } else { 200 };
        assert_eq!(answer.status, expected, "{round}: {answer:?}");
    }
    // A file that is replaced by an older one of the same length.
    let known = etag("/favicon.ico");
    home.write("new.ico", "ICON");
    fs::rename(home.path().join("new.ico"), home.path().join("ui/favicon.ico")).unwrap();
    assert_eq!(ask_if("/favicon.ico", &known).text(), "ICON");
    gateway.stop();
}

#[test]
fn a_large_file_comes_whole() {
    let home = Home::new();
    let gateway = started(&home, "");
    let lines: Vec<String> = (0..200_000).map(|line| format!("{line:09}\n")).collect();
    let text = lines.concat();
    home.write("ui/large.txt", &text);
    let answer = ask(gateway.address(), "GET /large.txt", &[]);
    assert_eq!(answer.header("content-length"), Some(text.len().to_string().as_str()));
    assert!(answer.header("transfer-encoding").is_none() && answer.body == text.as_bytes());
    gateway.stop();
}

#[test]
fn the_page_is_told_what_it_has_to_know() {
    let home = Home::new();
    let gateway = started(&home, "");
    let page = check(&gateway, "GET /", 200, "<clawdbot-app>");
    let script = "<script>window.__CLAWDBOT_CONTROL_UI_BASE_PATH__=\"\";window.__CLAWDBOT_ASSISTANT_NAME__=\"Assistant\";\
                  window.__CLAWDBOT_ASSISTANT_AVATAR__=\"A\";</script></head>";
    assert!(page.text().contains(script), "{}", page.text());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'sha256-") && policy.contains("frame-ancestors 'none'"), "{policy}");

    // Taken over in place, and another content.
    let mark = gateway.mark();
    configure(&home, "", "ui: { assistant: { name: '</script><b>', avatar: '🦞' } }");
    gateway.took(mark, "reloaded", "config: ui");
    let changed = check(&gateway, "GET /", 200, "ASSISTANT_NAME__=\"\\u003c/script>\\u003cb>\";");
    assert!(changed.text().contains("AVATAR__=\"🦞\"") && changed.header("etag") != page.header("etag"));

    // Where it is served, and whether, is up to the gateway that follows in the same process.
    let mark = gateway.mark();
    configure(&home, "basePath: 'panel/'", "ui: { assistant: { name: '</script><b>', avatar: '🦞' } }");
    gateway.took(mark, "restarted", "config: gateway.controlUi.basePath");
    let answer = check(&gateway, "GET /panel?token=x", 302, "");
    assert_eq!(answer.header("location"), Some("/panel/?token=x"));
    check(&gateway, "GET /panel/", 200, "BASE_PATH__=\"/panel\";");
    check(&gateway, "GET /panel/assets/index.js", 200, "console.log(1)");
    check(&gateway, "GET /panel/chat", 200, "<clawdbot-app>");
    check(&gateway, "GET /", 404, "Not Found");
    check(&gateway, "GET /panelled", 404, "Not Found");

    let mark = gateway.mark();
    configure(&home, "basePath: 'panel/', enabled: false", "");
    gateway.says(mark, "restarted");
    check(&gateway, "GET /panel/", 404, "Not Found");
    check(&gateway, "POST /panel/", 404, "Not Found");
    check(&gateway, "GET /panel/avatar/main?meta=1", 404, "Not Found");
    gateway.stop();
}

#[test]
fn avatars_come_out_of_the_workspace_and_from_nowhere_else() {
    let home = Home::new();
    build(&home);
    let agents = "agents: { list: [
        { id: 'main', default: true, workspace: '~/w', identity: { avatar: 'pictures/me.png' } },
        { id: 'web', workspace: '~/w', identity: { avatar: 'https://a.example/a.png' } },
        { id: 'out', workspace: '~/w', identity: { avatar: '../outside.png' } },
        { id: 'link', workspace: '~/w', identity: { avatar: 'link.png' } },
        { id: 'text', workspace: '~/w', identity: { avatar: 'IDENTITY.md' } },
        { id: 'gone', workspace: '~/w', identity: { avatar: 'gone.png' } },
        { id: 'written', workspace: '~/v' },
        { id: 'none', workspace: '~/u' } ] }";
    for (path, text) in [
        ("w/pictures/me.png", "me"),
        ("w/IDENTITY.md", "- Name: W"),
        ("v/IDENTITY.md", "- Avatar: face.svg"),
        ("v/face.svg", "<svg/>"),
        ("outside.png", "a secret"),
    ] {
        home.write(path, text);
    }
    symlink("../outside.png", home.path().join("w/link.png")).unwrap();
    configure(&home, "basePath: '/ui'", agents);
    let gateway = gateway::in_home(&home).start();
    let meta = |agent: &str| -> Value {
        let answer = check(&gateway, &format!("GET /ui/avatar/{agent}?meta=1"), 200, "avatarUrl");
        serde_json::from_slice(&answer.body).unwrap()
    };
    for (agent, url) in [
        ("main", json!("/ui/avatar/main")),
        ("MAIN", json!("/ui/avatar/main")),
        ("web", json!("https://a.example/a.png")),
        ("written", json!("/ui/avatar/written")),
        ("out", json!(null)),
        ("link", json!(null)),
        ("text", json!(null)),
        ("gone", json!(null)),
        ("none", json!(null)),
        ("unknown", json!(null)),
    ] {
        assert_eq!(meta(agent), json!({ "avatarUrl": url }), "{agent}");
        let status = if url.as_str().is_some_and(|url| url.starts_with('/')) { 200 } else { 404 };
        let picture = ask(gateway.address(), &format!("GET /ui/avatar/{agent}"), &[]);
        assert_eq!(picture.status, status, "{agent}: {picture:?}");
    }
    let picture = check(&gateway, "GET /ui/avatar/written", 200, "<svg/>");
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    // Opened by itself a picture runs nothing.
    assert!(picture.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    for path in ["/ui/avatar/", "/ui/avatar/a/b", "/ui/avatar/..%2f", "/ui/avatar/-x", "/ui/avatar/%00"] {
        check(&gateway, &format!("GET {path}"), 404, "Not Found");
    }
    gateway.stop();
}

#[test]
fn without_files_the_gateway_says_how_to_get_them() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", ""));
    // Only what the system has: no package of this machine's user.
    let gateway = gateway::in_home(&home).env("PATH", "/usr/bin:/bin").start();
    let address = gateway.address();
    let page = ask(address, "GET /", &["Accept: text/html,application/xhtml+xml"]);
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let text = page.text();
    for part in [
        &format!("ws://{address}"),
        "npm install -g clawdbot",
        "gateway.controlUi.root",
        "prefers-color-scheme",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let secrets = ["right", "<script", &home.path().display().to_string()];
    assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
    let sentence = ask(address, "GET /chat", &[]);
    assert_eq!((sentence.status, sentence.header("content-type")), (503, Some("text/plain; charset=utf-8")));
    assert!(sentence.text().starts_with("Control UI assets not found. Build them with "), "{sentence:?}");
    gateway.stop();
}

#[test]
fn an_installed_package_is_found_also_when_it_comes_later() {
    let home = Home::new();
    gateway::configure(&home, &gateway::prompt("auth: { token: 'right' }", ""));
    let bin = home.path().join("npm/bin");
    fs::create_dir_all(&bin).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let gateway = gateway::in_home(&home).env("PATH", path).start();
    check(&gateway, "GET /", 503, "Control UI assets not found.");
    let package = "npm/lib/node_modules/clawdbot";
    home.write(&format!("{package}/package.json"), "{}");
    home.write(&format!("{package}/dist/control-ui/index.html"), PAGE);
    let entry = home.write(&format!("{package}/dist/entry.js"), "#!/bin/sh\n");
    executable(&entry);
    symlink(&entry, bin.join("clawdbot")).unwrap();
    check(&gateway, "GET /", 200, "<clawdbot-app>");
    fs::remove_dir_all(home.path().join(package)).unwrap();
    check(&gateway, "GET /", 503, "Control UI assets not found.");
    gateway.stop();
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn who_reads_slowly_holds_nobody_up() {
    let home = Home::new();
    let gateway = started(&home, "");
    home.write("ui/large.txt", &"x".repeat(8 << 20));
    let address = gateway.address();
    let slow: Vec<_> = (0..16)
        .map(|_| {
            use std::io::Write as _;
            let mut stream = crate::support::raw::connect(address);
            write!(stream, "GET /large.txt HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
            stream
        })
        .collect();
    let mut answered = 0;
    wait::until("answers beside them", PATIENCE, || {
        answered += usize::from(ask(address, "GET /assets/index.js", &[]).status == 200);
        (answered == 50).then_some(())
    });
    drop(slow);
    gateway.stop();
}
