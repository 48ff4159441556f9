//! The loop of one connection: reads messages, answers requests, writes what is queued, closes.
//!
//! One task per connection does all of it. Requests run concurrently within it, up to a bound, so that a slow
//! one does not delay the others; at a bound the connection is not read from.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, SplitStream};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::coop::consume_budget;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tracing::Instrument as _;

use super::outbound::{LINGER, Outbound};
use super::received::Received;
use super::tape::Tape;
use super::welcome::{self, Welcome};
use crate::auth::locality::PeerFacts;
use crate::gateway::context::Gateway;
use crate::gateway::drain::{Handshake, Phase};
use crate::gateway::events::{EventFrame, EventName};
use crate::gateway::rpc;
use crate::gateway::traffic::{self, Direction};
use crate::logging::subsystem;
use crate::protocol::close::Close;
use crate::protocol::frame::{BadFrame, Request, Response};
use crate::protocol::limits::HANDSHAKE_TIMEOUT_MS;
use crate::recording::{Frame, Opened};
use crate::settings::WsLog;
use crate::tls::Stream;

/// The socket after its upgrade.
pub(crate) type Socket = WebSocketStream<Stream>;

/// Requests of one connection that run at the same time.
const MAX_CONCURRENT: usize = 32;
/// Requests of one connection that wait for people or for other machines. They do not count among the others, so
/// that many of them delay nobody's `health`.
const MAX_WAITING: usize = 256;

/// What a message that had not to be waited for costs of a task's budget, which is 128 for each of its turns. One such
/// message, and the others have theirs: who floods waits longest for itself. Who asks again when it is answered is
/// always waited for, and pays nothing.
const COST: usize = 120;

/// Pings within a second; more are a flood. The WebSocket layer answers each, read or not.
const MAX_PINGS: u32 = 50;

/// How the peer's side ended.
enum PeerEnd {
    /// It closed, or it is gone.
    Gone,
    /// It sent what cannot be read, or must not be answered: nothing after it is looked at.
    Unreadable(Close),
}

/// Runs a connection to its end. Everything that is logged on the way says which one it is.
pub(crate) async fn run(
    socket: Socket,
    gateway: Arc<Gateway>,
    peer: PeerFacts,
    opened: Box<Opened>,
    handshake: Handshake,
) {
    let conn_id = uuid::Uuid::new_v4().to_string();
    let recorder = Arc::clone(&gateway.recorder);
    // As an error, so that it is there whatever is logged.
    let span =
        tracing::error_span!(target: subsystem::WS, "connection", conn = conn_id, peer = %peer.responsible());
    let outbound = Arc::new(Outbound::default());
    let open = || {
        let tape = Tape::new(recorder, conn_id, opened);
        Conversation::open(tape, gateway, peer, handshake, Arc::clone(&outbound))
    };
    let conversation = span.in_scope(open);
    converse(socket, conversation, outbound).instrument(span).await;
}

async fn converse(mut socket: Socket, mut conversation: Conversation, outbound: Arc<Outbound>) {
    let style = conversation.style;
    let tape = Arc::clone(&conversation.tape);
    let sent = |frame: &Utf8Bytes| {
        traffic::frame(style, Direction::Out, frame);
        tape.frame(Frame::Out(frame));
    };
    let unreadable = {
        let (mut sink, mut stream) = (&mut socket).split();
        let mut writing = std::pin::pin!(outbound.write_to(&mut sink, sent));
        let mut talking = std::pin::pin!(conversation.talk(&mut stream));
        let mut deadline = std::pin::pin!(outbound.deadline());
        let (mut is_written, mut unreadable) = (false, false);
        loop {
            tokio::select! {
                end = &mut talking, if !unreadable => match end {
                    PeerEnd::Gone => break false,
                    PeerEnd::Unreadable(close) => {
                        outbound.close(close, LINGER);
                        unreadable = true;
                    }
                },
                result = &mut writing, if !is_written => match result {
                    Ok(()) => is_written = true,
                    Err(_) => break false,
                },
                () = &mut deadline => break false,
            }
            if unreadable && is_written {
                break true;
            }
        }
    };
    conversation.end();
    if unreadable {
        swallow(socket.get_mut()).await;
    }
}

/// Reads what the peer still sends and throws it away, so that the close frame is not overtaken by a reset. The
/// peer is told that nothing more comes, and need not wait for us to be through.
pub(crate) async fn swallow(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    let _ = stream.shutdown().await;
    let mut buffer = vec![0; 16 * 1024];
    let everything = async {
        while stream.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {
            spend().await;
        }
    };
    // A peer that keeps sending has had its time.
    let _ = tokio::time::timeout(LINGER, everything).await;
}

/// Has had its turn when it comes back for more of this.
async fn spend() {
    for _ in 0..COST {
        consume_budget().await;
    }
}

/// What is known about a connection while it lasts.
struct Conversation {
    gateway: Arc<Gateway>,
    outbound: Arc<Outbound>,
    peer: PeerFacts,
    nonce: String,
    /// What is logged of it.
    style: WsLog,
    tape: Arc<Tape>,
    opened: Instant,
    stage: Stage,
}

/// How far a connection is.
enum Stage {
    /// The client has not connected yet; a quiescing gateway waits for it as long as this is held.
    Handshake { _under_way: Handshake },
    /// It has.
    Connected(Box<Welcome>),
    /// It was refused.
    Refused,
}

impl Conversation {
    fn open(
        tape: Tape,
        gateway: Arc<Gateway>,
        peer: PeerFacts,
        handshake: Handshake,
        outbound: Arc<Outbound>,
    ) -> Self {
        let nonce = uuid::Uuid::new_v4().to_string();
        tracing::debug!(target: subsystem::WS, "connection opened");
        if gateway.lifecycle.phase() < Phase::Released {
            let challenge = json!({ "nonce": nonce, "ts": gateway.now_ms() });
            outbound.send(EventFrame::new(EventName::ConnectChallenge, &challenge, None).unnumbered());
        }
        let opened = handshake.accepted();
        Self {
            tape: Arc::new(tape),
            style: gateway.live().settings.log.ws,
            gateway,
            outbound,
            peer,
            nonce,
            opened,
            stage: Stage::Handshake { _under_way: handshake },
        }
    }

    /// Reads until the peer ends; after a close was asked for, only to throw away what arrives.
    async fn talk(&mut self, stream: &mut SplitStream<&mut Socket>) -> PeerEnd {
        let gateway = Arc::clone(&self.gateway);
        let outbound = Arc::clone(&self.outbound);
        // Boxed, because each of the two keeps room for one that is not there.
        let mut running = FuturesUnordered::<BoxFuture<'_, ()>>::new();
        let mut waiting = FuturesUnordered::<BoxFuture<'_, ()>>::new();
        let mut pings = Pings { since: self.opened, count: 0 };
        let too_late = self.opened + Duration::from_millis(HANDSHAKE_TIMEOUT_MS);
        let mut timeout = std::pin::pin!(tokio::time::sleep_until(too_late));
        let mut released = std::pin::pin!(gateway.lifecycle.reached(Phase::Released));
        loop {
            let in_handshake = matches!(self.stage, Stage::Handshake { .. }) && !outbound.is_closing();
            tokio::select! {
                () = &mut released, if in_handshake => outbound.close(Close::service_restart(), LINGER),
                () = &mut timeout, if in_handshake => outbound.close(Close::silent(), LINGER),
                Some(()) = running.next(), if !running.is_empty() => {}
                Some(()) = waiting.next(), if !waiting.is_empty() => {}
                message = next(stream, &outbound), if running.len() < MAX_CONCURRENT && waiting.len() < MAX_WAITING => {
                    let (message, was_there) = message;
                    let received = match message {
                        Some(Ok(Message::Text(text))) => Received::Text(text),
                        Some(Ok(Message::Binary(bytes))) => Received::binary(bytes),
                        Some(Ok(Message::Ping(_))) if pings.is_flood(Instant::now()) => {
                            return PeerEnd::Unreadable(Close::policy("too many pings"));
                        }
                        Some(Ok(_)) => continue,
                        Some(Err(error)) => match unreadable(&error) {
                            Some(close) => return PeerEnd::Unreadable(close),
                            None => return PeerEnd::Gone,
                        },
                        None => return PeerEnd::Gone,
                    };
                    traffic::frame(self.style, Direction::In, received.text());
                    if was_there {
                        spend().await;
                    }
                    if outbound.is_closing() {
                        self.tape.frame(received.frame(None));
                        running.clear();
                        waiting.clear();
                    } else if let Stage::Connected(welcome) = &self.stage {
                        if let Some(request) = self.read_request(&received) {
                            let caller = welcome.caller.clone();
                            let waits = rpc::waits(&request);
                            let served = rpc::serve(Arc::clone(&gateway), caller, Arc::clone(&outbound), request).boxed();
                            if waits { waiting.push(served) } else { running.push(served) }
                        }
                    } else {
                        // Apart, so that who is connected does not carry the state of a decision.
                        self.tape.frame(received.frame(None));
                        Box::pin(self.connect(received.text())).await;
                    }
                }
            }
        }
    }

    /// The first message.
    async fn connect(&mut self, text: &str) {
        let facts = welcome::Arrival {
            gateway: &self.gateway,
            peer: &self.peer,
            conn_id: self.tape.connection(),
            nonce: &self.nonce,
            outbound: &self.outbound,
        };
        self.stage = match welcome::receive(text, &facts).await {
            Some(welcome) => {
                self.tape.connected(&welcome.caller.session);
                Stage::Connected(Box::new(welcome))
            }
            None => Stage::Refused,
        };
    }

    /// A message after the first one. It is recorded before anything follows from it, and after it was read: then it is
    /// known whether it is JSON.
    fn read_request(&self, received: &Received) -> Option<Request> {
        let text = received.text();
        let request = Request::parse(text);
        self.tape.frame(received.frame(Some(!matches!(request, Err(BadFrame::NotJson)))));
        match request {
            Ok(request) => Some(request),
            Err(BadFrame::NotJson) => {
                tracing::debug!(target: subsystem::WS, bytes = text.len(), "ignored a message that is not JSON");
                None
            }
            Err(BadFrame::Invalid { id, error }) => {
                self.outbound.send(rpc::encode(&Response::error(id, *error)));
                None
            }
        }
    }

    /// The connection is over.
    fn end(&mut self) {
        if let Stage::Connected(welcome) = &self.stage {
            welcome::farewell(&self.gateway, self.tape.connection(), welcome);
        }
        let lasted_ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        let close = self.outbound.close_reason();
        self.tape.closed(close.as_ref());
        // Absent when the client closed.
        let code = close.as_ref().map(|close| close.code);
        let reason = close.as_ref().map(|close| close.reason.as_str());
        tracing::debug!(target: subsystem::WS, lasted_ms, code, reason, "connection closed");
    }
}

/// Pings of one connection.
struct Pings {
    since: Instant,
    count: u32,
}

impl Pings {
    /// Notes a ping; whether there were too many within this second.
    fn is_flood(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self { since: now, count: 0 };
        }
        self.count += 1;
        self.count > MAX_PINGS
    }
}

/// The next message, unless the client is slow: who does not read gets no further answers. And whether it was there
/// already.
async fn next(
    stream: &mut SplitStream<&mut Socket>,
    outbound: &Outbound,
) -> (Option<Result<Message, Error>>, bool) {
    outbound.has_room().await;
    let mut was_there = true;
    poll_fn(|context| {
        let message = stream.poll_next_unpin(context);
        let was_there = std::mem::replace(&mut was_there, message.is_ready());
        message.map(|message| (message, was_there))
    })
    .await
}

/// How to close after an error of the WebSocket layer; `None` when the socket itself has failed.
fn unreadable(error: &Error) -> Option<Close> {
    match error {
        Error::Capacity(_) => Some(Close::too_large()),
        Error::Utf8(_) => Some(Close { code: 1007, reason: String::new() }),
        Error::Protocol(error) if !is_reset(error) => Some(Close { code: 1002, reason: String::new() }),
        _ => None,
    }
}

fn is_reset(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    matches!(error, tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)
}
