//! Pages as a browser shows them, and the renderer that comes from elsewhere.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::{CANVAS, started, watchers};
use crate::support::driven::Driven;
use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, configure, prompt};
use crate::support::home::Home;
use crate::support::http;
use crate::support::wait::{self, PATIENCE};

#[test]
fn a2ui_comes_with_the_published_program() {
    let home = Home::new();
    let path = home.path().join("bin");
    let launch = || gateway::in_home(&home).env("PATH", path.display().to_string());
    configure(&home, &prompt("auth: { token: 'right' }, controlUi: { enabled: false }", ""));
    let a2ui = |gateway: &Gateway, path: &str| {
        http::get(gateway.address(), &format!("/__clawdbot__/a2ui{path}"), &[], PATIENCE).unwrap()
    };
    let gateway = launch().start();
    let missing = a2ui(&gateway, "/");
    assert_eq!(missing.status, 503);
    assert!(missing.body.contains("npm install -g clawdbot"), "{}", missing.body);
    // Installed while it runs.
    let package = "lib/node_modules/clawdbot";
    home.write(&format!("{package}/package.json"), r#"{"name":"clawdbot"}"#);
    home.write(&format!("{package}/dist/canvas-host/a2ui/index.html"), "<body>renderer</body>");
    home.write(&format!("{package}/dist/canvas-host/a2ui/a2ui.bundle.js"), "1");
    let entry = home.write(&format!("{package}/dist/entry.js"), "");
    fs::set_permissions(&entry, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(&path).unwrap();
    symlink(format!("../{package}/dist/entry.js"), path.join("clawdbot")).unwrap();
    assert!(a2ui(&gateway, "/").body.contains("renderer"));
    assert_eq!(a2ui(&gateway, "/a2ui.bundle.js").body, "1");
    assert_eq!(a2ui(&gateway, "/../../entry.js").status, 404);
    gateway.stop();
}

#[test]
fn a_browser_shows_what_is_saved() {
    let home = Home::new();
    let Some(mut browser) = Driven::open("") else { return };
    let gateway = started(&home, "");
    let shows = |text: &str| format!("document.body.innerText.includes('{text}')");
    browser.navigate(&format!("http://{}{CANVAS}/", gateway.address()));
    browser.until("the page of an empty canvas", &shows("The canvas is empty"));
    wait::until("the canvas is watched", PATIENCE, || (watchers(&gateway) == 2).then_some(()));
    home.write("clawd/canvas/style.css", "p { color: rgb(1, 2, 3) }");
    home.write("clawd/canvas/app.js", "document.body.append(' and run')");
    let page = |text: &str| {
        format!("<link rel=stylesheet href=style.css><body><p>{text}</p><script src=app.js></script></body>")
    };
    let file = home.write("clawd/canvas/index.html", &page("first"));
    browser.until("the page that was saved", &shows("first"));
    browser.until("its script", &shows("and run"));
    browser.until("its style", "getComputedStyle(document.querySelector('p')).color === 'rgb(1, 2, 3)'");
    Save::Rename.write(&file, &page("second"));
    browser.until("the page that was saved over it", &shows("second"));
    // What a page says to the app around it. In one go: the page may be about to reload.
    let told = browser.until(
        "what the app is told",
        "(() => {
          if (!window.clawdbotSendUserAction) return false;
          window.clawdbotCanvasA2UIAction = { postMessage: (text) => { window.told = text; } };
          return clawdbotSendUserAction({ name: 'press', id: 'a1' }) && window.told;
        })()",
    );
    assert_eq!(told, r#"{"userAction":{"name":"press","id":"a1"}}"#);
    // Another gateway in the same process: the page comes back by itself, and sees what it missed.
    let mark = gateway.mark();
    let text = prompt("auth: { token: 'other' }, controlUi: { enabled: false }", "");
    Save::Rename.write(&home.path().join(".clawdbot/clawdbot.json"), &text);
    gateway.line(mark, "✓ restarted in ");
    Save::Rename.write(&file, &page("third"));
    browser.until("the page after a restart", &shows("third"));
    let complaints = browser.complaints();
    let other: Vec<_> = complaints.iter().filter(|text| !text.contains("WebSocket")).collect();
    assert!(other.iter().all(|text| text.contains("favicon")), "{other:?}");
    gateway.stop();
}
