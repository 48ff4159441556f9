//! The counterpart: verifies signatures, knows one shared token, issues device tokens, and has one made-up method
//! per behaviour.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::auth::device::{DeviceKey, SignedFields};
use crate::protocol::PROTOCOL_VERSION;
use crate::protocol::close::Close;
use crate::protocol::connect::ConnectParams;
use crate::protocol::error::RpcError;
use crate::protocol::frame::{Request, Response, StateVersion};
use crate::protocol::hello::{Features, HelloAuth, HelloOk, HelloType, Policy, ServerInfo, Snapshot};
use crate::protocol::replay::HelloReplay;
use crate::protocol::role::Role;

const NONCE: &str = "364d8cec-3c87-465d-b9d0-951228be8d10";

/// Serves until dropped.
pub(super) struct Gateway {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    /// Whether a token has to be right.
    needs_token: bool,
    /// The device token issued last, unless it was revoked.
    issued: Mutex<Option<String>>,
    /// The token that is right.
    token: Mutex<&'static str>,
    /// Whether the next `hello-ok` offers replay; nobody who takes that up is understood.
    offers_replay: AtomicBool,
}

type Socket = WebSocketStream<TcpStream>;

impl Gateway {
    /// Lets everybody in.
    pub(super) async fn open() -> Self {
        Self::start(false).await
    }

    /// Lets everybody in, and is replaced by a program without replay once it has offered that to somebody.
    pub(super) async fn replaced() -> Self {
        let gateway = Self::start(false).await;
        gateway.shared.offers_replay.store(true, Ordering::Relaxed);
        gateway
    }

    /// Lets in who has the token `right` or a device token.
    pub(super) async fn with_token() -> Self {
        Self::start(true).await
    }

    async fn start(needs_token: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            needs_token,
            issued: Mutex::default(),
            token: Mutex::new("right"),
            offers_replay: AtomicBool::new(false),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { url, shared, task }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Makes another token the right one.
    pub(super) fn change_token(&self) {
        *self.shared.token.lock().unwrap() = "other";
    }

    /// Revokes the device token.
    pub(super) fn revoke(&self) {
        *self.shared.issued.lock().unwrap() = None;
    }
}

impl Shared {
    fn decide(&self, params: &ConnectParams) -> Result<Option<HelloAuth>, RpcError> {
        if params.replay.is_some() {
            let problem = "at root: unexpected property 'replay'";
            return Err(RpcError::invalid(format!("invalid connect params: {problem}")));
        }
        let mut issued = self.issued.lock().unwrap();
        let is_issued = issued.is_some() && params.token() == issued.as_deref();
        if self.needs_token && params.token() != Some(*self.token.lock().unwrap()) && !is_issued {
            let hint = "set gateway.remote.token to match gateway.auth.token";
            return Err(RpcError::invalid(format!("unauthorized: gateway token mismatch ({hint})")));
        }
        let Some(device) = &params.device else { return Ok(None) };
        let fields = SignedFields {
            device_id: &device.id,
            client_id: &params.client.id,
            client_mode: &params.client.mode,
            role: params.role.as_deref().unwrap(),
            scopes: params.scopes.as_deref().unwrap(),
            signed_at_ms: device.signed_at,
            token: params.token().unwrap_or_default(),
            nonce: Some(NONCE),
        };
        DeviceKey::parse(&device.public_key).unwrap().verify(&fields.text(), &device.signature).unwrap();
        if !is_issued {
            *issued = Some(uuid::Uuid::new_v4().simple().to_string());
        }
        Ok(Some(HelloAuth {
            device_token: issued.clone().unwrap(),
            role: Role::Operator,
            scopes: params.scopes.clone().unwrap(),
            issued_at_ms: Some(1),
        }))
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
    let request = Request::parse(first.as_str()).unwrap();
    assert_eq!(request.method, "connect");
    match shared.decide(&ConnectParams::parse(request.params).unwrap()) {
        Ok(auth) => {
            let mut hello = hello(auth);
            hello.replay = shared.offers_replay.swap(false, Ordering::Relaxed).then(|| HelloReplay {
                token: "t".to_owned(),
                resumed: false,
                seq: 0,
                replayed: 0,
            });
            let hello = serde_json::to_value(hello).unwrap();
            send(&mut socket, &serde_json::to_value(Response::ok(request.id, hello)).unwrap()).await;
        }
        Err(error) => {
            let goodbye = Close::policy(&error.message);
            send(&mut socket, &serde_json::to_value(Response::error(request.id, error)).unwrap()).await;
            return close(socket, &goodbye).await;
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
        replay: None,
    }
}
