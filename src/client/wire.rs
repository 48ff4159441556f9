//! Messages over the socket: opening it, sending a request, reading a frame.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::connection::EventFrame;
use super::error::ClientError;
use crate::protocol::close::Close;
use crate::protocol::error::RpcError;
use crate::protocol::json::from_str;
use crate::tls::{self, ConnectError, Fingerprint, Stream, TrustError};

/// What the published client accepts from a gateway, in bytes.
const MAX_INBOUND: usize = 25 * 1024 * 1024;

/// An open socket.
#[derive(Debug)]
pub(super) struct Wire {
    socket: WebSocketStream<Stream>,
}

/// Something that a gateway sends.
#[derive(Debug)]
pub(super) enum Frame {
    Response { id: String, result: Result<Value, Box<RpcError>> },
    Event(EventFrame),
}

/// A moment, and how long it was away when the waiting began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    span: Duration,
}

impl Wire {
    /// Connects and upgrades.
    pub(super) async fn open(
        url: &str,
        pin: Option<Fingerprint>,
        deadline: Deadline,
    ) -> Result<Self, ClientError> {
        let invalid = |cause: &str| ClientError::Url { url: url.to_owned(), cause: cause.to_owned() };
        let request = url.into_client_request().map_err(|error| invalid(&error.to_string()))?;
        let uri = request.uri();
        let is_secure = match uri.scheme_str() {
            Some("wss") => true,
            Some("ws") if pin.is_some() => return Err(TrustError::NeedsTls.into()),
            Some("ws") => false,
            _ => return Err(invalid("it has to start with ws:// or wss://")),
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let opened = timeout_at(deadline.at, async {
            let stream =
                TcpStream::connect((host.as_str(), port)).await.map_err(|error| unreachable(&error))?;
            stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
            let stream = if is_secure {
                tls::connect(stream, &host, pin).await.map_err(|error| match error {
                    ConnectError::Trust(error) => ClientError::Trust(error),
                    error @ ConnectError::Handshake(_) => unreachable(&error),
                })?
            } else {
                Stream::Plain(stream)
            };
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_INBOUND))
                .max_frame_size(Some(MAX_INBOUND));
            client_async_with_config(request, stream, Some(config)).await.map_err(not_upgraded)
        });
        match opened.await {
            Ok(opened) => opened.map(|(socket, _)| Self { socket }),
            Err(_) => Err(unreachable(&format!("no answer within {}ms", deadline.span.as_millis()))),
        }
    }

    /// Sends a request frame, until the deadline: a gateway that does not read takes nothing either.
    pub(super) async fn send(
        &mut self,
        id: &str,
        method: &str,
        params: Value,
        deadline: Deadline,
    ) -> Result<(), ClientError> {
        let frame = json!({ "type": "req", "id": id, "method": method, "params": params });
        let sent = timeout_at(deadline.at, self.socket.send(Message::text(frame.to_string()))).await;
        match sent.map_err(|_| ClientError::Timeout(deadline.span))? {
            // The close frame that explains it may still be unread: the next read tells.
            Ok(()) | Err(Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed) => Ok(()),
            Err(error) => Err(ClientError::Unexpected(error.to_string())),
        }
    }

    /// The next response or event. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Frame, ClientError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Frame::parse(text.as_str()),
                Some(Ok(Message::Close(frame))) => {
                    // Sends the answer that the library has prepared; whether it arrives changes nothing here.
                    let _ = self.socket.flush().await;
                    // 1005 stands for a close frame without a code.
                    let close = frame.map_or(Close { code: 1005, reason: String::new() }, |frame| Close {
                        code: frame.code.into(),
                        reason: frame.reason.as_str().to_owned(),
                    });
                    return Err(ClientError::Closed(close));
                }
                // Pings are answered by the library.
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                None | Some(Err(Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed)) => {
                    return Err(ClientError::Dropped);
                }
                Some(Err(Error::Protocol(
                    tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                ))) => return Err(ClientError::Dropped),
                Some(Err(error)) => return Err(ClientError::Unexpected(error.to_string())),
            }
        }
    }

    /// The next response or event, until the deadline.
    pub(super) async fn next_until(&mut self, deadline: Deadline) -> Result<Frame, ClientError> {
        match timeout_at(deadline.at, self.next()).await {
            Ok(frame) => frame,
            Err(_) => Err(ClientError::Timeout(deadline.span)),
        }
    }

    /// Says goodbye and waits for the answer, briefly: nothing depends on it.
    pub(super) async fn close(mut self) {
        let goodbye = async {
            self.socket.close(None).await?;
            while let Some(message) = self.socket.next().await {
                message?;
            }
            Ok::<(), Error>(())
        };
        // Whatever goes wrong, the socket is closed by dropping it.
        let _ = tokio::time::timeout(Duration::from_millis(250), goodbye).await;
    }
}

fn unreachable(cause: &impl ToString) -> ClientError {
    ClientError::Unreachable { cause: cause.to_string() }
}

/// What answered instead of a WebSocket; a short text that came with it usually says why.
fn not_upgraded(error: Error) -> ClientError {
    let Error::Http(response) = error else { return unreachable(&error) };
    let text = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim();
    let is_words = (1..=200).contains(&line.len()) && !line.contains(char::is_control);
    let said = if is_words { format!(": {line}") } else { String::new() };
    unreachable(&format!("it answers HTTP {} instead of upgrading{said}", response.status()))
}

impl Frame {
    fn parse(text: &str) -> Result<Self, ClientError> {
        let unexpected = || {
            let start: String = text.chars().take(80).collect();
            ClientError::Unexpected(format!("not a frame of protocol 3: {start}"))
        };
        let mut frame = from_str(text).map_err(|_| unexpected())?;
        let mut take = |member: &str| frame.get_mut(member).map(Value::take);
        match take("type").as_ref().and_then(Value::as_str) {
            Some("event") => Ok(Self::Event(EventFrame {
                event: take("event")
                    .and_then(|name| name.as_str().map(str::to_owned))
                    .ok_or_else(unexpected)?,
                payload: take("payload").unwrap_or_default(),
                seq: take("seq").and_then(|seq| seq.as_u64()),
                state_version: take("stateVersion").and_then(|version| serde_json::from_value(version).ok()),
            })),
            Some("res") => {
                let id = take("id").and_then(|id| id.as_str().map(str::to_owned)).ok_or_else(unexpected)?;
                let result = if take("ok") == Some(Value::Bool(true)) {
                    Ok(take("payload").unwrap_or_default())
                } else {
                    let error = take("error").and_then(|error| serde_json::from_value(error).ok());
                    Err(Box::new(error.ok_or_else(unexpected)?))
                };
                Ok(Self::Response { id, result })
            }
            _ => Err(unexpected()),
        }
    }
}

impl Deadline {
    /// This long from now.
    pub(super) fn after(span: Duration) -> Self {
        Self { at: Instant::now() + span, span }
    }

    /// What `work` comes to, unless it takes longer.
    pub(super) async fn wait_for<T>(
        self,
        work: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        timeout_at(self.at, work).await.unwrap_or(Err(ClientError::Timeout(self.span)))
    }

    /// Whether it has passed.
    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.at
    }

    /// The earlier of this deadline and one that is `span` away.
    pub(super) fn at_most(self, span: Duration) -> Self {
        let other = Self::after(span);
        if other.at < self.at { other } else { self }
    }
}
