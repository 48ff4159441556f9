//! The counterpart: real handshake, one made-up method per behaviour.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::auth::locality::PeerFacts;
use crate::gateway::connection::handshake::{Facts, decide, read_connect};
use crate::gateway::devices::DeviceBook;
use crate::platform::clock;
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::close::Close;
use crate::protocol::error::RpcError;
use crate::protocol::frame::{Request, Response, StateVersion};
use crate::protocol::hello::{Features, HelloAuth, HelloOk, HelloType, Policy, ServerInfo, Snapshot};
use crate::settings::{AuthMode, AuthSettings, Secret};

const NONCE: &str = "364d8cec-3c87-465d-b9d0-951228be8d10";

/// Serves until dropped.
pub(super) struct Gateway {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    auth: AuthSettings,
    book: Mutex<DeviceBook>,
}

type Socket = WebSocketStream<TcpStream>;

impl Gateway {
    pub(super) async fn start(mode: AuthMode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let token = Some(Secret::new("right"));
        let auth = AuthSettings { mode, token, ..AuthSettings::default() };
        let shared = Arc::new(Shared { auth, book: Mutex::default() });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { url, shared, task }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Revokes the operator tokens of all devices.
    pub(super) fn revoke_all(&self) {
        let mut book = self.shared.book.lock().unwrap();
        let devices: Vec<String> = book.devices().map(|device| device.device_id.clone()).collect();
        for device in devices {
            book.revoke_token(&device, "operator", clock::unix_ms());
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let socket = accept_async(stream).await.unwrap();
        // One at a time is enough for these tests.
        serve_one(socket, &shared).await;
    }
}

async fn serve_one(mut socket: Socket, shared: &Shared) {
    let challenge =
        json!({ "type": "event", "event": "connect.challenge", "payload": { "nonce": NONCE, "ts": 1 } });
    send(&mut socket, &challenge).await;
    let Some(Ok(Message::Text(first))) = socket.next().await else { return };
    let (id, params) = read_connect(first.as_str()).unwrap();
    let decision = {
        let fresh_token = uuid::Uuid::new_v4().simple().to_string();
        let facts = Facts {
            now_ms: clock::unix_ms(),
            nonce: NONCE,
            peer: &PeerFacts::local(),
            auth: &shared.auth,
            allow_insecure_auth: false,
            fresh_request_id: "request",
            fresh_token: &fresh_token,
        };
        decide(params, &facts, &mut shared.book.lock().unwrap())
    };
    match decision {
        Ok(accepted) => {
            let hello = serde_json::to_value(hello(accepted.auth)).unwrap();
            send(&mut socket, &serde_json::to_value(Response::ok(id, hello)).unwrap()).await;
        }
        Err(rejection) => {
            send(&mut socket, &serde_json::to_value(Response::error(id, rejection.error)).unwrap()).await;
            return close(socket, &rejection.close).await;
        }
    }
    let mut seq = 0;
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let request = Request::parse(text.as_str()).unwrap();
        seq += 1;
        send(&mut socket, &json!({ "type": "event", "event": "asked", "payload": {}, "seq": seq })).await;
        let response = match request.method.as_str() {
            "echo" => Response::ok(request.id, request.params),
            "silence" => continue,
            "restart" => return close(socket, &Close::service_restart()).await,
            "drop" => return,
            other => Response::error(request.id, RpcError::invalid(format!("unknown method: {other}"))),
        };
        send(&mut socket, &serde_json::to_value(response).unwrap()).await;
    }
}

async fn send(socket: &mut Socket, frame: &Value) {
    // The other side may have gone, which is what some tests are about.
    let _ = socket.send(Message::text(frame.to_string())).await;
}

async fn close(mut socket: Socket, close: &Close) {
    let frame = CloseFrame { code: close.code.into(), reason: close.reason.as_str().into() };
    let _ = socket.close(Some(frame)).await;
    while let Some(Ok(_)) = socket.next().await {}
}

fn hello(auth: Option<HelloAuth>) -> HelloOk {
    HelloOk {
        kind: HelloType::HelloOk,
        protocol: PROTOCOL_VERSION,
        server: ServerInfo { version: "test".to_owned(), commit: None, host: None, conn_id: "c".to_owned() },
        features: Features::served(),
        snapshot: Snapshot {
            presence: json!([]),
            health: json!({}),
            state_version: StateVersion { presence: 1, health: 1 },
            uptime_ms: 1,
            config_path: None,
            state_dir: None,
            session_defaults: None,
        },
        canvas_host_url: None,
        auth,
        policy: Policy::default(),
    }
}
