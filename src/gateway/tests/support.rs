//! Starting a gateway and talking to it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::auth::device::{DeviceKey, SignedFields};
use crate::config;
use crate::config::schema::{ConsoleStyle, LogLevel};
use crate::gateway::{GatewayInit, Running, Standby};
use crate::platform::clock;
use crate::platform::net::bind;
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::{
    AuthMode, AuthSettings, BindMode, ControlUiSettings, GatewaySettings, LogSettings, RecordingSettings,
    Secret, TailscaleSettings, WsLog,
};

/// How long a test waits for what must come; longer than the longest timer, for tests with paused time.
const PATIENCE: Duration = Duration::from_secs(45);

/// A gateway in a state directory of its own.
pub(super) struct TestGateway {
    pub(super) running: Running,
    pub(super) address: SocketAddr,
    pub(super) state: TempDir,
}

/// A client over a raw WebSocket.
pub(super) struct TestClient {
    pub(super) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u32,
}

/// What is received next.
#[derive(Debug, PartialEq)]
pub(super) enum Received {
    Frame(Value),
    Close(u16, String),
    End,
}

/// Fails instead of hanging.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("nothing happened in time")
}

pub(super) fn listener() -> TcpListener {
    bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

pub(super) fn paths(state: &Path) -> ProfilePaths {
    ProfilePaths {
        name: None,
        dev_mode: false,
        home: state.to_owned(),
        state_dir: state.to_owned(),
        config_path: state.join("clawdbot.json"),
        default_workspace: state.join("workspace"),
        log_file: state.join("logs/gateway.log"),
        gateway_lock: state.join("gateway.lock"),
        harness_lock: state.join("harness.lock"),
        runtime_file: state.join("gateway.json"),
        dotenv: state.join(".env"),
        default_port: 18789,
    }
}

pub(super) fn settings(state: &Path, token: Option<&str>) -> GatewaySettings {
    GatewaySettings {
        port: 0,
        bind: BindMode::Loopback,
        custom_bind_host: None,
        auth: AuthSettings {
            mode: if token.is_some() { AuthMode::Token } else { AuthMode::None },
            token: token.map(Secret::new),
            ..AuthSettings::default()
        },
        tailscale: TailscaleSettings::default(),
        tls: None,
        trusted_proxies: Vec::new(),
        allowed_origins: Vec::new(),
        allow_insecure_auth: false,
        control_ui: ControlUiSettings::default(),
        model: "anthropic/claude-opus-4-5".to_owned(),
        workspace: state.join("workspace"),
        hooks: None,
        canvas: None,
        dev_mode: false,
        log: LogSettings {
            file: state.join("logs/gateway.log"),
            level: LogLevel::Info,
            console_level: LogLevel::Warn,
            console_subsystem: None,
            console_style: ConsoleStyle::Compact,
            colours: false,
            ws: WsLog::Auto,
            patterns: Vec::new(),
            secrets: Vec::new(),
        },
        recording: RecordingSettings { directory: state.join("recordings"), ..RecordingSettings::default() },
    }
}

/// A standby on `state`, whose configuration is read from there.
pub(super) async fn standby(
    state: &Path,
    listener: TcpListener,
    generation: u64,
    token: Option<&str>,
) -> Standby {
    let (paths, env) = (paths(state), EnvMap::default());
    let init = GatewayInit {
        snapshot: config::load(&paths.config_path, &env),
        settings: settings(state, token),
        listeners: vec![listener],
        generation,
        paths,
        env,
    };
    Standby::prepare(init).await.unwrap()
}

/// Starts a gateway with this configuration.
pub(super) async fn start(config: Value) -> TestGateway {
    start_with(config, None, |_| ()).await
}

/// Starts a gateway with a shared token, after `arrange` has filled the state directory.
pub(super) async fn start_with(
    config: Value,
    token: Option<&str>,
    arrange: impl FnOnce(&Path),
) -> TestGateway {
    let state = tempfile::tempdir().unwrap();
    std::fs::write(state.path().join("clawdbot.json"), config.to_string()).unwrap();
    arrange(state.path());
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let running = standby(state.path(), listener, 1, token).await.activate().await.unwrap();
    TestGateway { running, address, state }
}

/// Parameters of a `connect` that succeeds without authentication: any token will do.
pub(super) fn params(role: &str, scopes: &[&str]) -> Value {
    json!({
        "minProtocol": 3, "maxProtocol": 3, "role": role, "scopes": scopes, "auth": { "token": "any" },
        "client": { "id": "test", "version": "1", "platform": "linux", "mode": "test" },
    })
}

/// The same with a token that may be the right one.
pub(super) fn with_token(token: &str) -> Value {
    let mut params = params("operator", &[]);
    params["auth"]["token"] = token.into();
    params
}

/// What a device sends that signs with the seed.
pub(super) async fn device(client: &mut TestClient, seed: u8, token: &str) -> Value {
    let challenge = client.event("connect.challenge").await;
    let nonce = challenge["payload"]["nonce"].as_str().unwrap();
    let key = SigningKey::from_bytes(&[seed; 32]);
    let (public, signed_at_ms) = (DeviceKey::of(&key), clock::unix_ms());
    let fields = SignedFields {
        device_id: &public.device_id(),
        client_id: "test",
        client_mode: "test",
        role: "operator",
        scopes: &[],
        signed_at_ms,
        token,
        nonce: Some(nonce),
    };
    let mut params = with_token(token);
    params["device"] = json!({
        "id": public.device_id(), "publicKey": public.to_base64url(), "signature": fields.sign(&key),
        "signedAt": signed_at_ms, "nonce": nonce,
    });
    params
}

impl TestGateway {
    /// Opens a connection and leaves it at that.
    pub(super) async fn open(&self) -> TestClient {
        TestClient::open(self.address).await
    }

    /// A client with these scopes.
    pub(super) async fn client(&self, scopes: &[&str]) -> TestClient {
        let mut client = self.open().await;
        client.hello(params("operator", scopes)).await;
        client
    }
}

impl TestClient {
    pub(super) async fn open(address: SocketAddr) -> Self {
        let (socket, _) = soon(connect_async(format!("ws://{address}/any/path?x=1"))).await.unwrap();
        Self { socket, next_id: 0 }
    }

    /// A connection that comes through a proxy, and so from another machine.
    pub(super) async fn from_afar(address: SocketAddr) -> Self {
        let mut request = format!("ws://{address}/").into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        let (socket, _) = soon(connect_async(request)).await.unwrap();
        Self { socket, next_id: 0 }
    }

    pub(super) async fn send(&mut self, text: impl Into<String>) {
        soon(self.socket.send(Message::text(text.into()))).await.unwrap();
    }

    pub(super) async fn receive(&mut self) -> Received {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    return Received::Frame(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Received::Close(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Close(None))) => return Received::Close(1005, String::new()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Received::End,
            }
        }
    }

    /// The next frame that `wanted` accepts; others are skipped.
    pub(super) async fn frame(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            match self.receive().await {
                Received::Frame(frame) if wanted(&frame) => return frame,
                Received::Frame(_) => {}
                other => panic!("connection ended: {other:?}"),
            }
        }
    }

    pub(super) async fn event(&mut self, name: &str) -> Value {
        self.frame(|frame| frame["event"] == name).await
    }

    /// The close, and whatever came before it.
    pub(super) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.receive().await {
                Received::Frame(_) => {}
                Received::Close(code, reason) => return (code, reason),
                Received::End => panic!("connection ended without a close frame"),
            }
        }
    }

    /// Sends a request and returns its response.
    pub(super) async fn request(&mut self, method: &str, params: Value) -> Value {
        self.next_id += 1;
        let id = format!("r{}", self.next_id);
        let request = json!({ "type": "req", "id": id, "method": method, "params": params });
        self.send(request.to_string()).await;
        self.frame(|frame| frame["type"] == "res" && frame["id"] == id.as_str()).await
    }

    /// The payload of a request that succeeds.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        let response = self.request(method, params).await;
        assert_eq!(response["ok"], true, "{response}");
        response["payload"].clone()
    }

    /// Connects; returns the payload of the response.
    pub(super) async fn hello(&mut self, params: Value) -> Value {
        self.call("connect", params).await
    }
}
