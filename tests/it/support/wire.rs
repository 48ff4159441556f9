//! A WebSocket client that sends what a test wants, well-formed or not, and shows what came back.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest, client};
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket};

use super::wait;

/// How a client proves who it is.
#[derive(Debug, Clone)]
pub(crate) enum Credentials {
    /// Nothing at all.
    Bare,
    /// `auth.token`.
    Token(String),
    /// A device signature with this seed of a key.
    Device([u8; 32]),
    /// Both.
    #[cfg(target_os = "linux")]
    DeviceWithToken([u8; 32], String),
}

/// What a server said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// Close code; 1005 for a close frame without one, 1006 for none at all.
    pub(crate) code: u16,
    /// Reason.
    pub(crate) reason: String,
}

/// A WebSocket connection.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: WebSocket<TcpStream>,
    requests: u32,
}

impl Wire {
    /// Connects and upgrades; the challenge is still unread.
    pub(crate) fn open(address: SocketAddr) -> Result<Self, String> {
        Self::open_with(address, "/", &[])
    }

    /// The same on a path and with headers.
    pub(crate) fn open_with(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, String> {
        let stream =
            TcpStream::connect_timeout(&address, wait::PATIENCE).map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(wait::PATIENCE)).map_err(|error| error.to_string())?;
        Self::upgrade(stream, address, path, headers)
    }

    fn upgrade(
        stream: TcpStream,
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut request =
            format!("ws://{address}{path}").into_client_request().map_err(|error| error.to_string())?;
        for (name, value) in headers {
            let name: tokio_tungstenite::tungstenite::http::HeaderName =
                name.parse().map_err(|_| "header name")?;
            request.headers_mut().insert(name, value.parse().map_err(|_| "header value")?);
        }
        match client(request, stream) {
            Ok((socket, _)) => Ok(Self { socket, requests: 0 }),
            Err(HandshakeError::Failure(Error::Http(response))) => {
                Err(format!("HTTP {}", response.status().as_u16()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Connects, upgrades, and completes the handshake; returns the `hello-ok` payload too.
    pub(crate) fn hello(address: SocketAddr, credentials: &Credentials) -> Result<(Self, Value), String> {
        Self::open(address)?.introduce(credentials)
    }

    /// The same over a connection that is there already.
    #[cfg(target_os = "linux")]
    pub(crate) fn hello_over(
        stream: TcpStream,
        address: SocketAddr,
        credentials: &Credentials,
    ) -> Result<(Self, Value), String> {
        Self::upgrade(stream, address, "/", &[])?.introduce(credentials)
    }

    fn introduce(mut self, credentials: &Credentials) -> Result<(Self, Value), String> {
        let nonce = self.challenge()?;
        self.send(&connect_frame(&nonce, credentials))?;
        let answer = self.answer("connect")?;
        if answer["ok"] == json!(true) {
            return Ok((self, answer["payload"].clone()));
        }
        Err(answer.to_string())
    }

    /// An operator with a token and these scopes.
    #[track_caller]
    pub(crate) fn operator(address: SocketAddr, token: &str, scopes: &[&str]) -> Self {
        let mut wire = Self::open(address).unwrap();
        let nonce = wire.challenge().unwrap();
        let mut frame = connect_frame(&nonce, &Credentials::Token(token.to_owned()));
        frame["params"]["scopes"] = json!(scopes);
        wire.send(&frame).unwrap();
        let answer = wire.answer("connect").unwrap();
        assert_eq!(answer["ok"], json!(true), "{answer}");
        wire
    }

    /// Reads the challenge; returns its nonce.
    pub(crate) fn challenge(&mut self) -> Result<String, String> {
        let frame = self.next()?;
        match frame["payload"]["nonce"].as_str() {
            Some(nonce) if frame["event"] == "connect.challenge" => Ok(nonce.to_owned()),
            _ => Err(format!("no challenge but {frame}")),
        }
    }

    /// Calls a method; returns the whole response frame. Events that come first are passed over.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.requests += 1;
        let id = format!("{method}-{}", self.requests);
        self.send(&json!({ "type": "req", "id": id, "method": method, "params": params }))?;
        self.answer(&id)
    }

    /// Calls a method that must succeed; returns its payload.
    #[track_caller]
    pub(crate) fn payload(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.call(method, params).unwrap_or_else(|error| panic!("{method}: {error}"));
        assert_eq!(answer["ok"], json!(true), "{method}: {answer}");
        answer["payload"].clone()
    }

    /// The response with `id`; events that come first are passed over.
    pub(crate) fn answer(&mut self, id: &str) -> Result<Value, String> {
        loop {
            let frame = self.next()?;
            if frame["type"] == "res" && frame["id"] == id {
                return Ok(frame);
            }
        }
    }

    /// The next event called `name`; everything that comes first is passed over.
    pub(crate) fn event(&mut self, name: &str) -> Result<Value, String> {
        loop {
            let frame = self.next()?;
            if frame["event"] == name {
                return Ok(frame);
            }
        }
    }

    /// The next frame as JSON.
    pub(crate) fn next(&mut self) -> Result<Value, String> {
        loop {
            match self.socket.read().map_err(|error| error.to_string())? {
                Message::Text(text) => return serde_json::from_str(&text).map_err(|error| error.to_string()),
                Message::Close(frame) => return Err(format!("closed: {frame:?}")),
                _ => {}
            }
        }
    }

    /// Sends a frame.
    pub(crate) fn send(&mut self, frame: &Value) -> Result<(), String> {
        self.send_text(&frame.to_string())
    }

    /// Sends a text message, JSON or not.
    pub(crate) fn send_text(&mut self, text: &str) -> Result<(), String> {
        self.socket.send(Message::text(text)).map_err(|error| error.to_string())
    }

    /// Sends a binary message.
    pub(crate) fn send_binary(&mut self, bytes: Vec<u8>) -> Result<(), String> {
        self.socket.send(Message::binary(bytes)).map_err(|error| error.to_string())
    }

    /// Writes bytes below the WebSocket layer: frames that no library would send.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.socket.get_mut().write_all(bytes).map_err(|error| error.to_string())
    }

    /// Reads until the connection is closed.
    pub(crate) fn closed(&mut self) -> Closed {
        loop {
            match self.socket.read() {
                Ok(Message::Close(Some(frame))) => {
                    let closed = Closed { code: frame.code.into(), reason: frame.reason.to_string() };
                    // Answers the close frame, so that the server's side of the closing handshake is not left open.
                    let _ = self.socket.flush();
                    return closed;
                }
                Ok(Message::Close(None)) => return Closed { code: 1005, reason: String::new() },
                Ok(_) => {}
                Err(error) => return Closed { code: 1006, reason: error.to_string() },
            }
        }
    }

    /// The next frame as JSON, or how the connection ended. What is no JSON is a string.
    pub(crate) fn heard(&mut self) -> Result<Value, Closed> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    return Ok(serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_str())));
                }
                Ok(Message::Close(frame)) => {
                    let _ = self.socket.flush();
                    return Err(match frame {
                        Some(frame) => Closed { code: frame.code.into(), reason: frame.reason.to_string() },
                        None => Closed { code: 1005, reason: String::new() },
                    });
                }
                Ok(_) => {}
                Err(error) => return Err(Closed { code: 1006, reason: error.to_string() }),
            }
        }
    }

    /// How long reads wait.
    pub(crate) fn patience(&mut self, patience: Duration) {
        self.socket.get_ref().set_read_timeout(Some(patience)).expect("read timeout");
    }

    /// The TCP stream below.
    pub(crate) fn stream(&self) -> &TcpStream {
        self.socket.get_ref()
    }
}

/// The `connect` request for `credentials`, with id `connect`.
pub(crate) fn connect_frame(nonce: &str, credentials: &Credentials) -> Value {
    let mut params = json!({
        "minProtocol": 3,
        "maxProtocol": 3,
        "client": { "id": "test", "version": "1.0.0", "platform": "test", "mode": "test" },
    });
    match credentials {
        Credentials::Bare => {}
        Credentials::Token(token) => params["auth"] = json!({ "token": token }),
        Credentials::Device(seed) => params["device"] = device_proof(seed, nonce, ""),
        #[cfg(target_os = "linux")]
        Credentials::DeviceWithToken(seed, token) => {
            params["auth"] = json!({ "token": token });
            params["device"] = device_proof(seed, nonce, token);
        }
    }
    json!({ "type": "req", "id": "connect", "method": "connect", "params": params })
}

/// A device proof for a client `test` of mode `test`, role operator, without scopes.
fn device_proof(seed: &[u8; 32], nonce: &str, token: &str) -> Value {
    let key = SigningKey::from_bytes(seed);
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis();
    let signed_at = u64::try_from(now).expect("before the year 500 million");
    let text = format!("v2|{id}|test|test|operator||{signed_at}|{token}|{nonce}");
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes());
    json!({
        "id": id,
        "publicKey": URL_SAFE_NO_PAD.encode(public),
        "signature": signature,
        "signedAt": signed_at,
        "nonce": nonce,
    })
}

/// How long a complete hello takes, with a token; the connection is closed at once.
pub(crate) fn time_hello(address: SocketAddr) -> Result<(Duration, Value), String> {
    let begin = Instant::now();
    let (wire, hello) = Wire::hello(address, &Credentials::Token("any".to_owned()))?;
    let took = begin.elapsed();
    let _ = socket2::SockRef::from(wire.stream()).set_linger(Some(Duration::ZERO));
    Ok((took, hello))
}

/// The name of agent `dev`, as the gateway that answers now knows it.
pub(crate) fn agent_name(address: SocketAddr) -> Result<String, String> {
    let (mut wire, _) = Wire::hello(address, &Credentials::Token("any".to_owned()))?;
    let answer = wire.call("agents.list", &json!({}))?;
    let agents = answer["payload"]["agents"].as_array().ok_or_else(|| answer.to_string())?;
    let dev = agents.iter().find(|agent| agent["id"] == "dev").ok_or_else(|| answer.to_string())?;
    Ok(dev["identity"]["name"].as_str().unwrap_or_default().to_owned())
}
