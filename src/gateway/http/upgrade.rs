//! The upgrade to a WebSocket: asked for on any path, answered here, carried out by `serve`.

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::linger::Lingering;
use crate::gateway::connection::Socket;
use crate::protocol::limits::MAX_PAYLOAD;

/// Read buffer of a connection, enough for nearly every request. Larger messages are read in pieces; a large buffer
/// would cost every idle client.
const READ_BUFFER: usize = 1024;
/// Frames are collected up to this size before they are written.
const WRITE_BUFFER: usize = 16 * 1024;

/// What the WebSocket layer buffers for a client that does not read. Answers are bounded elsewhere; this bounds
/// pongs, and is above every message that a published client accepts.
const MAX_WRITE_BUFFER: usize = 32 * 1024 * 1024;

/// Whether the request asks for a WebSocket.
pub(super) fn is_asked(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.trim().eq_ignore_ascii_case("websocket"))
}

/// The answer, and the upgrade that follows it; without one when the request is not a proper one.
pub(super) fn answer<T>(mut request: Request<T>) -> (Response<Body>, Option<OnUpgrade>) {
    match create_response_with_body(&request, Body::empty) {
        Ok(response) => (response, Some(hyper::upgrade::on(&mut request))),
        Err(error) => {
            let headers = [(header::SEC_WEBSOCKET_VERSION, "13")];
            ((StatusCode::BAD_REQUEST, headers, format!("Bad Request: {error}")).into_response(), None)
        }
    }
}

/// Waits until the answer is sent; then the connection is a WebSocket. `None` when the peer has gone.
pub(super) async fn finish(upgrade: OnUpgrade) -> Option<Socket> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Lingering>>().ok()?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(Some(MAX_PAYLOAD))
        .max_frame_size(Some(MAX_PAYLOAD));
    let stream = parts.io.into_inner().into_inner();
    let early = parts.read_buf.to_vec();
    Some(WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await)
}
