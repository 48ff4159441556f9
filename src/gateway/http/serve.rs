//! One accepted connection: TLS if the port speaks it, then HTTP, then perhaps a WebSocket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::linger::Lingering;
use super::{answers, peer, protect, secure, upgrade};
use crate::auth::locality::{Ends, PeerFacts};
use crate::gateway::context::Gateway;
use crate::gateway::drain::{Handshake, Phase, YOUNG};
use crate::gateway::{canvas, connection};
use crate::platform::net;
use crate::protocol::limits::HANDSHAKE_TIMEOUT_MS;
use crate::recording::Opened;
use crate::tls::Stream;

/// Buffer for the head of a request; a longer head is refused.
const HEAD_MAX: usize = 16 * 1024;

/// How long a connection may ask plain requests; the places are few.
const PLAIN_MAX: Duration = Duration::from_mins(1);
/// How long the answer that is under way then may take.
const PLAIN_GRACE: Duration = Duration::from_secs(5);

/// What a connection turns into once a WebSocket was asked for.
type Turn = Arc<Mutex<Option<(OnUpgrade, Purpose)>>>;

/// What a WebSocket is for.
#[derive(Debug)]
enum Purpose {
    /// The gateway itself.
    Gateway(PeerFacts, Box<Opened>),
    /// A page of the canvas that wants to be told of changes, and when it was read.
    Canvas(Option<i128>),
}

/// Serves a connection to its end: HTTP requests, then perhaps a WebSocket.
pub(crate) async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    gateway: Arc<Gateway>,
    router: Router,
    handshake: Handshake,
) {
    let turn = Turn::default();
    // A connection that has no end here has gone.
    let Ok(own) = stream.local_addr() else { return };
    let ends = Ends { peer: address, own };
    // Small frames both ways: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    if let Err(error) = net::notice_absence(&SockRef::from(&stream)) {
        tracing::debug!(peer = %ends.peer, %error, "failed to have the peer's absence noticed");
    }
    let stream = match tls {
        None => Stream::Plain(stream),
        // Apart, so that connections without TLS do not carry its state.
        Some(tls) => {
            match Box::pin(secure::secure(stream, address, &tls, &gateway, handshake.accepted())).await {
                Some(stream) => stream,
                None => return,
            }
        }
    };
    // Apart, so that its state is given back before the connection becomes one that lasts.
    let served = Box::pin(serve_http(stream, ends, &gateway, router, &turn, handshake)).await;
    if let Some(handshake) = served {
        let asked = turn.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((upgrade, purpose)) = asked else { return };
        let Some(socket) = upgrade::finish(upgrade).await else { return };
        match purpose {
            Purpose::Gateway(facts, opened) => {
                connection::run(socket, gateway, facts, opened, handshake).await;
            }
            Purpose::Canvas(seen) => {
                drop(handshake);
                canvas::run(socket, &gateway, seen).await;
            }
        }
    }
}

/// Serves HTTP requests; returns when the connection has ended or was upgraded. The handshake comes back unless
/// the last request was a plain one.
async fn serve_http(
    stream: Stream,
    ends: Ends,
    gateway: &Arc<Gateway>,
    router: Router,
    turn: &Turn,
    handshake: Handshake,
) -> Option<Handshake> {
    let accepted = handshake.accepted();
    let handshake = Mutex::new(Some(handshake));
    let take_handshake = || handshake.lock().unwrap_or_else(PoisonError::into_inner).take();
    let has_body = Arc::new(AtomicBool::new(false));
    let stream = Lingering::new(stream, Arc::clone(&has_body));
    let service = service_fn(|mut request: Request<Incoming>| {
        if !request.body().is_end_stream() {
            has_body.store(true, Ordering::Relaxed);
        }
        request.extensions_mut().insert(ends);
        let (gateway, router, turn) = (Arc::clone(gateway), router.clone(), Arc::clone(turn));
        let is_plain = !upgrade::is_asked(request.headers());
        if !is_plain {
            // After a plain request the connection has none any more.
            let mut handshake = handshake.lock().unwrap_or_else(PoisonError::into_inner);
            handshake.get_or_insert_with(|| gateway.lifecycle.accepted());
        }
        let answered = is_plain.then(take_handshake).flatten();
        async move {
            let begin = Instant::now();
            let mut response = answer(request, ends, &gateway, router, &turn).await;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                gateway.metrics.http_answered(response.status().as_u16(), begin.elapsed());
                protect::protect(response.headers_mut());
            }
            drop(answered);
            Ok::<_, Infallible>(response)
        }
    });
    let timeout = Duration::from_millis(HANDSHAKE_TIMEOUT_MS);
    let http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut http = std::pin::pin!(http);
    let mut ending = std::pin::pin!(async {
        // Elapsing is the other reason to end.
        let _ = tokio::time::timeout_at(accepted + PLAIN_MAX, closing(gateway, accepted)).await;
    });
    let mut too_long = std::pin::pin!(tokio::time::sleep_until(accepted + PLAIN_MAX + PLAIN_GRACE));
    let mut is_ending = false;
    let result = loop {
        tokio::select! {
            result = &mut http => break result,
            () = &mut ending, if !is_ending => {
                is_ending = true;
                http.as_mut().graceful_shutdown();
            }
            () = &mut too_long => return None,
        }
    };
    if let Err(error) = result {
        tracing::debug!(peer = %ends.peer, %error, "connection failed");
    }
    take_handshake()
}

/// Resolves when a gateway that closes need not wait for this connection. One that has just been accepted has its
/// request on the way: ending it now would lose that.
pub(super) async fn closing(gateway: &Gateway, accepted: Instant) {
    gateway.lifecycle.reached(Phase::Closing).await;
    tokio::time::sleep_until(accepted + YOUNG).await;
}

async fn answer(
    request: Request<Incoming>,
    ends: Ends,
    gateway: &Gateway,
    router: Router,
    turn: &Turn,
) -> Response<Body> {
    if let Err(ambiguous) = peer::one_host(&request) {
        return answers::text(StatusCode::BAD_REQUEST, format!("Bad Request: {ambiguous}"));
    }
    if let Err(refusal) = peer::check_origin(gateway, request.headers()) {
        let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        tracing::warn!(peer = %ends.peer, origin, %refusal, "refused a browser");
        return answers::text(StatusCode::FORBIDDEN, format!("Forbidden: {refusal}"));
    }
    if upgrade::is_asked(request.headers()) {
        let is_canvas = canvas::is_socket(request.uri().path()) && gateway.live().settings.canvas.is_some();
        let purpose = if is_canvas {
            Purpose::Canvas(canvas::seen(request.uri().query()))
        } else {
            let facts = peer::facts(gateway, ends, request.headers());
            let opened = peer::opened(&facts, request.headers());
            Purpose::Gateway(facts, Box::new(opened))
        };
        let (response, upgrade) = upgrade::answer(request);
        *turn.lock().unwrap_or_else(PoisonError::into_inner) = upgrade.map(|upgrade| (upgrade, purpose));
        return response;
    }
    if let Err(refusal) = peer::check_host(gateway, request.headers()) {
        tracing::warn!(peer = %ends.peer, %refusal, "refused a request");
        return answers::text(StatusCode::FORBIDDEN, format!("Forbidden: {refusal}"));
    }
    // Its length is what the chunks say. A proxy that believed another one would take the rest for a request.
    let is_last = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if is_last || gateway.lifecycle.phase() >= Phase::Quiescing {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
