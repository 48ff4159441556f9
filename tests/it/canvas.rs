//! The canvas against the real binary: files, ways out, changes, and clients that do not keep up.

mod pages;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::http::{self, Response};
use crate::support::process;
use crate::support::snapshot::Snapshot;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

const CANVAS: &str = "/__clawdbot__/canvas";
const SOCKETS: [&str; 2] = ["/__clawdbot__/ws", "/__clawdbot/ws"];

fn started(home: &Home, canvas: &str) -> Gateway {
    configure(
        home,
        &prompt(
            "auth: { token: 'right' }, controlUi: { enabled: false }",
            &format!("canvasHost: {{ {canvas} }},"),
        ),
    );
    gateway::in_home(home).start()
}

#[track_caller]
fn get(address: SocketAddr, path: &str) -> Response {
    http::get(address, &format!("{CANVAS}{path}"), &[], PATIENCE).unwrap()
}

/// Sends a path as it is, which no client library would.
fn status_of(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(!text.contains("secret"), "{path}: {text}");
    text.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// How many watchers the gateway runs.
fn watchers(gateway: &Gateway) -> usize {
    let tasks = fs::read_dir(format!("/proc/{}/task", gateway.pid())).unwrap().flatten();
    tasks
        .filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name == "watch\n"))
        .count()
}

#[track_caller]
fn listen(address: SocketAddr, path: &str) -> Wire {
    Wire::open_with(address, path, &[]).unwrap()
}

#[track_caller]
fn reloads(page: &mut Wire) {
    assert_eq!(page.heard(), Ok(Value::from("reload")));
}

#[test]
fn an_empty_canvas_has_a_page_and_nothing_is_written_for_it() {
    let home = Home::new();
    let gateway = started(&home, "");
    let page = get(gateway.address(), "/");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("The canvas is empty") && page.body.contains("location.reload"),
        "{}",
        page.body
    );
    let header = |name: &str| {
        let found = page.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
    assert!(!home.path().join("clawd").exists());
    gateway.stop();
}

#[test]
fn no_path_leads_out() {
    let home = Home::new();
    home.write("clawd/canvas/index.html", "<body>mine</body>");
    home.write("clawd/canvas/sub/a.txt", "inside");
    home.write("clawd/canvas/.env", "secret");
    home.write("clawd/AGENTS.md", "secret");
    home.write("secret.txt", "secret");
    let canvas = home.path().join("clawd/canvas");
    for (target, name) in [
        (Path::new("../AGENTS.md"), "up.md"),
        (&home.path().join("secret.txt"), "far.txt"),
        (home.path(), "home"),
        (Path::new("/dev/zero"), "device"),
        (Path::new("/proc/self/environ"), "environ"),
        (Path::new("loop"), "loop"),
        (Path::new("sub/a.txt"), "near.txt"),
    ] {
        symlink(target, canvas.join(name)).unwrap();
    }
    let gateway = started(&home, "");
    let address = gateway.address();
    for path in [
        "/../AGENTS.md",
        "/sub/../../AGENTS.md",
        "/%2e%2e/AGENTS.md",
        "/%2e%2e%2fAGENTS.md",
        "/..%5cAGENTS.md",
        "/%252e%252e/AGENTS.md",
        "/.env",
        "/%2eenv",
        "/up.md",
        "/far.txt",
        "/home/secret.txt",
        "/home/",
        "/device",
        "/environ",
        "/loop",
        "/sub",
        "/sub/",
        "/a%00.txt",
        "/%ff",
        "/sub/a.txt/",
        "/sub/a.txt/x",
        "/none",
    ] {
        assert_eq!(status_of(address, &format!("{CANVAS}{path}")), "404", "{path}");
    }
    let long = format!("{CANVAS}/{}", "x".repeat(5000));
    assert_eq!(status_of(address, &long), "404");
    assert_eq!(get(address, "/near.txt").body, "inside");
    gateway.stop();
}

#[test]
fn a_pipe_holds_nobody_up() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("clawd/canvas")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.path().join("clawd/canvas/pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let gateway = started(&home, "");
    assert_eq!(get(gateway.address(), "/pipe").status, 404);
    gateway.stop();
}

#[test]
fn a_page_is_told_of_changes_and_nobody_watches_without_one() {
    let home = Home::new();
    let page = home.write("clawd/canvas/index.html", "<body>1</body>");
    let gateway = started(&home, "");
    let address = gateway.address();
    // Its own configuration is watched from soon after its start.
    let without = 1;
    wait::until("the configuration is watched", PATIENCE, || (watchers(&gateway) == without).then_some(()));
    for path in SOCKETS {
        assert_eq!(http::get(address, path, &[], PATIENCE).unwrap().status, 426, "{path}");
        let mut pages = [listen(address, path), listen(address, path)];
        wait::until("the canvas is watched", PATIENCE, || (watchers(&gateway) == without + 1).then_some(()));
        Save::Rename.write(&page, &format!("<body>{path}</body>"));
        pages.iter_mut().for_each(reloads);
        assert!(get(address, "/").body.contains(path));
        // A new folder with a file in it, at once.
        home.write(&format!("clawd/canvas/new{}/deep/style.css", path.len()), "a{}");
        pages.iter_mut().for_each(reloads);
        drop(pages);
        wait::until("nobody watches any more", PATIENCE, || (watchers(&gateway) == without).then_some(()));
    }
    // Everywhere else the gateway itself is behind a WebSocket.
    assert!(listen(address, "/__clawdbot__/ws/").challenge().is_ok());
    gateway.stop();
}

#[test]
fn a_page_is_told_of_what_changed_before_it_listened() {
    let home = Home::new();
    let page = home.write("clawd/canvas/index.html", "<body>1</body>");
    let gateway = started(&home, "");
    let address = gateway.address();
    let body = get(address, "/").body;
    let (_, after) = body.split_once("\"seen\", \"").unwrap();
    let seen = after.split('"').next().unwrap();
    Save::Rename.write(&page, "<body>2</body>");
    let mut late = listen(address, &format!("{}?seen={seen}", SOCKETS[0]));
    reloads(&mut late);
    gateway.stop();
}

#[test]
fn a_page_is_told_when_the_canvas_moves_or_the_gateway_goes() {
    let home = Home::new();
    home.write("one/index.html", "<body>one</body>");
    home.write("two/index.html", "<body>two</body>");
    let gateway = started(&home, "root: '~/one'");
    let address = gateway.address();
    let mut page = listen(address, SOCKETS[0]);
    assert!(get(address, "/").body.contains("one"));
    let edit = |canvas: &str| {
        let mark = gateway.mark();
        let text = prompt(
            "auth: { token: 'right' }, controlUi: { enabled: false }",
            &format!("canvasHost: {{ {canvas} }},"),
        );
        Save::Rename.write(&home.path().join(".clawdbot/clawdbot.json"), &text);
        gateway.line(mark, "✓ reloaded in ");
    };
    edit("root: '~/two'");
    reloads(&mut page);
    assert!(get(address, "/").body.contains("two"));
    edit("root: '~/two', liveReload: false");
    assert!(!get(address, "/").body.contains("<script>"));
    edit("enabled: false");
    assert_eq!(get(address, "/").status, 404);
    edit("root: '~/two'");
    let mut page = listen(address, SOCKETS[1]);
    gateway.stop();
    let closed = page.closed();
    assert_eq!((closed.code, closed.reason.as_str()), (1012, "service restart"));
}

#[test]
fn pages_of_others_see_nothing() {
    let home = Home::new();
    home.write("clawd/canvas/index.html", "<body>mine</body>");
    let gateway = started(&home, "");
    let address = gateway.address();
    let evil = [("origin", "https://evil.example")];
    let root = format!("{CANVAS}/");
    assert_eq!(http::get(address, &root, &evil, PATIENCE).unwrap().status, 403);
    assert_eq!(http::get(address, &root, &[("host", "evil.example")], PATIENCE).unwrap().status, 403);
    for path in SOCKETS {
        assert_eq!(Wire::open_with(address, path, &evil).unwrap_err(), "HTTP 403");
    }
    let own = format!("http://{address}");
    assert!(Wire::open_with(address, SOCKETS[0], &[("origin", &own)]).is_ok());
    gateway.stop();
}

#[test]
fn clients_that_do_not_read_cost_little() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("clawd/canvas")).unwrap();
    let large = fs::File::create(home.path().join("clawd/canvas/large.bin")).unwrap();
    large.set_len(1 << 30).unwrap();
    home.write("clawd/canvas/a.txt", "small");
    let gateway = started(&home, "");
    let address = gateway.address();
    let (before, _) = process::memory_kib(gateway.pid());
    let slow: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET {CANVAS}/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            // The first bytes: it is being sent.
            stream.read_exact(&mut [0; 16]).unwrap();
            stream
        })
        .collect();
    let pages: Vec<Wire> = (0..10).map(|_| listen(address, SOCKETS[0])).collect();
    for _ in 0..50 {
        assert_eq!(get(address, "/a.txt").body, "small");
    }
    gateway.client("right").payload("health", &json!({}));
    let (after, _) = process::memory_kib(gateway.pid());
    // Each may have some pieces under way.
    assert!(after < before + 40 * 1024, "{before} KiB became {after} KiB");
    let descriptors =
        process::descriptors(gateway.pid()).iter().filter(|(_, to)| to.ends_with("large.bin")).count();
    assert_eq!(descriptors, 40);
    drop((slow, pages));
    wait::until("their files are closed", PATIENCE, || {
        let open = process::descriptors(gateway.pid());
        (!open.iter().any(|(_, to)| to.ends_with("large.bin"))).then_some(())
    });
    gateway.stop();
}

#[test]
fn dev_mode_shows_its_own_workspace_and_nothing_else() {
    let home = Home::with_production();
    home.write("clawd/canvas/index.html", "production");
    let production = [home.path().join("clawd"), home.path().join(".clawdbot")];
    let before = Snapshot::of(&production);
    home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "Dev", ""));
    home.write("clawd-dev/canvas/index.html", "<body>dev</body>");
    let harness = harness::in_home(&home).start().armed();
    let address = harness.address();
    assert!(get(address, "/").body.contains("dev"));
    let mut page = listen(address, SOCKETS[0]);
    // An edit of the workspace is another generation: the page is closed, and comes back.
    let mark = harness.mark();
    home.write("clawd-dev/canvas/index.html", "<body>newer</body>");
    harness.reloaded(mark);
    assert!(matches!(page.closed().code, 1012 | 1006));
    assert!(get(address, "/").body.contains("newer"));
    let mark = harness.mark();
    let root = serde_json::to_string(&home.path().join("clawd/canvas")).unwrap();
    let outside = config_text(&home, "Dev", &format!("canvasHost: {{ root: {root} }},"));
    home.write(".clawdbot-dev/clawdbot.json", &outside);
    harness.reloaded(mark);
    let answer = get(address, "/");
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.body.contains("canvasHost.root"), "{}", answer.body);
    // By way of a link neither.
    let mark = harness.mark();
    fs::rename(home.path().join("clawd-dev/canvas"), home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("clawd/canvas"), home.path().join("clawd-dev/canvas")).unwrap();
    home.write(".clawdbot-dev/clawdbot.json", &config_text(&home, "Dev again", ""));
    harness.reloaded(mark);
    wait::until("the last edit is served", PATIENCE, || (get(address, "/").status == 503).then_some(()));
    assert!(harness.stop().success());
    before.assert_same(&production, "the canvas of dev mode");
}

#[test]
fn clients_are_told_where_the_canvas_is() {
    let home = Home::new();
    let gateway = started(&home, "");
    let address = gateway.address();
    let credentials = Credentials::Token("right".to_owned());
    let (_, hello) = Wire::hello(address, &credentials).unwrap();
    assert_eq!(hello["canvasHostUrl"], format!("http://{address}"));
    let mark = gateway.mark();
    let off =
        prompt("auth: { token: 'right' }, controlUi: { enabled: false }", "canvasHost: { enabled: false },");
    Save::Rename.write(&home.path().join(".clawdbot/clawdbot.json"), &off);
    gateway.line(mark, "✓ reloaded in ");
    let (_, hello) = Wire::hello(address, &credentials).unwrap();
    assert_eq!(hello.get("canvasHostUrl"), None);
    gateway.stop();
}

#[test]
fn idle_pages_cost_no_time() {
    let home = Home::new();
    home.write("clawd/canvas/index.html", "<body>1</body>");
    let gateway = started(&home, "");
    let pages: Vec<Wire> = (0..20).map(|_| listen(gateway.address(), SOCKETS[0])).collect();
    wait::until("everything is quiet", PATIENCE, || {
        let spent = || process::cpu_ns(gateway.pid()).values().sum::<u64>();
        let before = spent();
        wait::pass(Duration::from_millis(300));
        (spent() - before < 3_000_000).then_some(())
    });
    drop(pages);
    gateway.stop();
}
