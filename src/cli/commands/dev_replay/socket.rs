//! One connection of a replay: a task that sends what it is told, and tells what comes, to its end.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{HOST, HeaderName};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::headers::Sent;
use crate::capsule::replay::{End, Outgoing};
use crate::tls::{self, Fingerprint, Stream};

/// The largest frame that is taken.
const LARGEST: usize = 64 << 20;
/// How long it may take until a connection can be used.
const OPEN_LIMIT: Duration = Duration::from_secs(20);

/// Where the gateway is.
#[derive(Debug, Clone)]
pub(super) struct Target {
    url: String,
    host: String,
    pub(super) port: u16,
    is_secure: bool,
    pin: Option<Fingerprint>,
}

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Order {
    Send(Outgoing),
    /// Say goodbye, and read on until the other side has gone.
    Close,
}

/// What a connection tells.
#[derive(Debug)]
pub(super) enum News {
    Opened,
    Frame(Utf8Bytes),
    /// The last of it.
    Ended(End),
}

// === impl Target ===

impl Target {
    /// Reads an address.
    pub(super) fn of(url: &str, pin: Option<Fingerprint>) -> Result<Self, String> {
        let request = url.into_client_request().map_err(|error| format!("{url} is no address: {error}"))?;
        let uri = request.uri();
        let is_secure = match uri.scheme_str() {
            Some("wss") => true,
            Some("ws") => false,
            _ => return Err(format!("{url} is no address: it has to start with ws:// or wss://")),
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        Ok(Self { url: url.to_owned(), host, port, is_secure, pin })
    }

    /// Connects and upgrades. The error is a reason in words.
    pub(super) async fn open(&self, sent: &Sent) -> Result<WebSocketStream<Stream>, String> {
        let mut request = self.url.as_str().into_client_request().map_err(|error| error.to_string())?;
        let headers = request.headers_mut();
        let value = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
        if let Some(host) = &sent.host {
            headers.insert(HOST, value(host)?);
        }
        for (name, text) in &sent.others {
            headers.insert(HeaderName::from_static(name), value(text)?);
        }
        let opening = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port))
                .await
                .map_err(|error| error.to_string())?;
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            let stream = if self.is_secure {
                tls::connect(stream, &self.host, self.pin).await.map_err(|error| error.to_string())?
            } else {
                Stream::Plain(stream)
            };
            let config =
                WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
            match client_async_with_config(request, stream, Some(config)).await {
                Ok((socket, _)) => Ok(socket),
                Err(Error::Http(response)) => Err(format!("HTTP {}", response.status().as_u16())),
                Err(error) => Err(error.to_string()),
            }
        };
        tokio::time::timeout(OPEN_LIMIT, opening)
            .await
            .unwrap_or_else(|_| Err("it does not answer".to_owned()))
    }
}

/// Runs a connection to its end. `tell` hands on what happens, and waits when there is too much of it.
pub(super) async fn run(
    target: Target,
    sent: Sent,
    orders: mpsc::UnboundedReceiver<Order>,
    connection: usize,
    tell: mpsc::Sender<(usize, News)>,
) {
    let end = match target.open(&sent).await {
        Ok(socket) => {
            // Whoever listened may have stopped.
            let _ = tell.send((connection, News::Opened)).await;
            converse(socket, orders, connection, &tell).await
        }
        Err(reason) => End { code: None, reason },
    };
    let _ = tell.send((connection, News::Ended(end))).await;
}

async fn converse(
    socket: WebSocketStream<Stream>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    connection: usize,
    tell: &mpsc::Sender<(usize, News)>,
) -> End {
    let (mut sink, mut stream) = socket.split();
    let writing = async {
        let mut waiting = Vec::new();
        // What was sent without waiting goes out together.
        while orders.recv_many(&mut waiting, 256).await > 0 {
            for order in waiting.drain(..) {
                match order {
                    Order::Send(Outgoing::Text(text)) => sink.feed(Message::text(text)).await?,
                    Order::Send(Outgoing::Binary(bytes)) => sink.feed(Message::binary(bytes)).await?,
                    Order::Close => sink.close().await?,
                }
            }
            sink.flush().await?;
        }
        Ok::<(), Error>(())
    };
    let reading = async {
        let mut end = End { code: None, reason: String::new() };
        while let Some(message) = stream.next().await {
            match message {
                Ok(Message::Text(text)) => {
                    if tell.send((connection, News::Frame(text))).await.is_err() {
                        break;
                    }
                }
                Ok(Message::Close(frame)) => {
                    // 1005 stands for a close frame without a code. The answer is sent while the end is read.
                    end = frame.map_or(End { code: Some(1005), reason: String::new() }, |frame| End {
                        code: Some(frame.code.into()),
                        reason: frame.reason.as_str().to_owned(),
                    });
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        end
    };
    let mut writing = std::pin::pin!(writing);
    let mut reading = std::pin::pin!(reading);
    let mut is_writing = true;
    loop {
        tokio::select! {
            end = &mut reading => return end,
            // It can be read from though it takes nothing any more: the close says why.
            _ = &mut writing, if is_writing => is_writing = false,
        }
    }
}
