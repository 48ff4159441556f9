//! A browser that is told what to do, over the protocol of its developer tools.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::client;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, WebSocket};

use super::browser::Launched;
use super::wait::{self, PATIENCE};

/// A page that is driven. Dropped, it ends with its browser.
#[derive(Debug)]
pub(crate) struct Driven {
    socket: WebSocket<TcpStream>,
    next_id: u64,
    /// What the page complained about.
    complaints: Vec<String>,
    _browser: Launched,
}

impl Driven {
    /// An empty page; nothing when there is no browser. `script` runs in every document before its own.
    pub(crate) fn open(script: &str) -> Option<Self> {
        let browser = Launched::at("about:blank")?;
        let file = browser.data().join("DevToolsActivePort");
        let port: u16 = wait::until("the browser says its port", PATIENCE, || {
            fs::read_to_string(&file).ok()?.lines().next()?.parse().ok()
        });
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, port).into();
        let url = wait::until("a page to drive", PATIENCE, || {
            let list = super::http::get(address, "/json/list", &[], PATIENCE).ok()?;
            let pages: Vec<Value> = serde_json::from_str(&list.body).ok()?;
            let page = pages.into_iter().find(|page| page["type"] == "page")?;
            page["webSocketDebuggerUrl"].as_str().map(str::to_owned)
        });
        let stream = super::raw::connect(address);
        let (mut socket, _) = client(url.as_str(), stream).expect("the protocol of the developer tools");
        // Screenshots are large.
        socket.set_config(|config: &mut WebSocketConfig| {
            *config = config.max_message_size(None).max_frame_size(None);
        });
        let mut driven = Self { socket, next_id: 0, complaints: Vec::new(), _browser: browser };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            driven.call(&format!("{domain}.enable"), &json!({}));
        }
        driven.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
        Some(driven)
    }

    /// Tells the browser to do something; what came of it.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.next_id += 1;
        let id = self.next_id;
        let command = json!({ "id": id, "method": method, "params": params });
        self.socket.send(Message::text(command.to_string())).expect("the browser listens");
        loop {
            let message = match self.socket.read().expect("the browser answers") {
                Message::Text(text) => serde_json::from_str::<Value>(&text).expect("JSON"),
                _ => continue,
            };
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    /// Goes to an address, and waits for nothing.
    #[track_caller]
    pub(crate) fn navigate(&mut self, url: &str) {
        let result = self.call("Page.navigate", &json!({ "url": url }));
        assert!(result["errorText"].is_null(), "{url}: {result}");
    }

    /// What an expression is worth; promises are waited for.
    #[track_caller]
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Waits until an expression is neither false nor nothing; what it is then. While a page is being replaced there is
    /// none to ask.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.call("Runtime.evaluate", &params)["result"]["value"].clone();
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            if Instant::now() > deadline {
                let shown = self.evaluate("document.body.innerText");
                panic!(
                    "not within {PATIENCE:?}: {what}\n{}\n{:?}",
                    shown.as_str().unwrap_or(""),
                    self.complaints
                );
            }
            wait::pass(std::time::Duration::from_millis(5));
        }
    }

    /// Writes down how the page looks.
    #[track_caller]
    pub(crate) fn screenshot(&mut self, file: &Path) {
        let shot = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let bytes = STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64");
        fs::write(file, bytes).expect("screenshot");
    }

    /// What the page complained about since the last time: errors on its console, exceptions, and requests that failed.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let complaint = match message["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => params["exceptionDetails"].to_string(),
            "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "assert" => {
                params["args"].to_string()
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                format!("{} {}", params["entry"]["text"], params["entry"]["url"])
            }
            _ => return,
        };
        self.complaints.push(complaint);
    }
}
