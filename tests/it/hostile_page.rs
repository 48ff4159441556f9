//! A page of somebody else in a real browser, on the machine of the gateway: whatever it tries, it learns nothing and
//! nothing happens.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::{Value, json};

use crate::support::driven::Driven;
use crate::support::gateway::{self, Gateway, configure};
use crate::support::home::Home;

/// Secrets that the page has found out somehow.
const TOKEN: &str = "right";
const HOOK: &str = "hook-secret";

/// What a page can try: read, send without reading, connect, and show.
const ATTEMPTS: &str = r#"(async () => {
  const gateway = 'http://ADDRESS', told = {};
  const attempt = async (name, run) => {
    try { told[name] = await run(); } catch (error) { told[name] = 'refused: ' + error.name; }
  };
  const text = async (path, options) => (await fetch(gateway + path, options)).text();
  const send = async (path, body) => {
    const options = { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body };
    return (await fetch(gateway + path, options)).type;
  };
  const shown = (element, address) => new Promise(resolve => {
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve('refused');
    element.src = gateway + address;
    document.body.append(element);
  });
  const socket = path => new Promise(resolve => {
    const socket = new WebSocket('ws://ADDRESS' + path);
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
  await attempt('health', () => text('/health'));
  await attempt('metrics', () => text('/metrics'));
  await attempt('canvas', () => text('/__clawdbot__/canvas/'));
  await attempt('bearer', () => text('/tools/invoke', {
    method: 'POST', headers: { Authorization: 'Bearer TOKEN' }, body: '{"tool":"sessions_list"}',
  }));
  await attempt('hook', () => send('/hooks/wake?token=HOOK', '{"text":"from a page"}'));
  await attempt('tool', () => send('/tools/invoke', '{"tool":"sessions_list"}'));
  await attempt('socket', () => socket('/?token=TOKEN'));
  await attempt('live', () => socket('/__clawdbot__/ws'));
  await attempt('picture', () => shown(document.createElement('img'), '/avatar/main'));
  await attempt('script', () => shown(document.createElement('script'), '/health'));
  return told;
})()"#;

/// Serves a page to whoever asks, at another port of the same machine.
fn page_of_somebody_else() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // Nobody reads what it is asked for: there is one page.
            let _ = stream.read(&mut [0; 4096]);
            let page = "<!doctype html><title>Elsewhere</title><p>A page</p>";
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    address
}

fn queued(gateway: &Gateway) -> Value {
    gateway.client(TOKEN).payload("status", &json!({}))["queuedSystemEvents"].clone()
}

#[test]
fn a_page_of_somebody_else_reaches_nothing() {
    let Some(mut page) = Driven::open("") else { return };
    let home = Home::new();
    configure(
        &home,
        &format!(
            "{{ gateway: {{ mode: 'local', auth: {{ token: '{TOKEN}' }} }}, hooks: {{ enabled: true, token: '{HOOK}' }} }}"
        ),
    );
    let gateway = gateway::in_home(&home).start();
    let before = queued(&gateway);
    let elsewhere = page_of_somebody_else();
    page.navigate(&format!("http://{elsewhere}/"));
    page.until("the page", "document.body && document.body.innerText.includes('A page')");
    let attempts = ATTEMPTS
        .replace("ADDRESS", &gateway.address().to_string())
        .replace("TOKEN", TOKEN)
        .replace("HOOK", HOOK);
    let told = page.evaluate(&attempts);
    for name in ["health", "metrics", "canvas", "bearer"] {
        assert_eq!(told[name], "refused: TypeError", "{name}: {told:#}");
    }
    for name in ["socket", "live", "picture", "script"] {
        assert_eq!(told[name], "refused", "{name}: {told:#}");
    }
    // The browser lets a page send, and tells it nothing of the answer; so does the gateway.
    for name in ["hook", "tool"] {
        assert_eq!(told[name], "opaque", "{name}: {told:#}");
    }
    assert_eq!(queued(&gateway), before, "the hook of the page counted");
    let log = gateway.log();
    assert!(log.contains("refused a browser") && log.contains(&format!("http://{elsewhere}")), "{log}");
    assert!(!log.contains(HOOK), "{log}");
    gateway.stop();
}
