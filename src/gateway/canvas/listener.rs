//! The WebSocket of a page: says `reload` when something has changed, and hears nothing.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::gateway::connection::Socket;
use crate::gateway::context::Gateway;
use crate::gateway::drain::Phase;
use crate::platform::fs::Stamp;
use crate::protocol::close::Close;

/// What a page is told.
const RELOAD: &str = "reload";

/// How long a page may take to take one word. One that does not will reload when it comes back.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves a page until it goes, or the gateway does. `seen` is when it was read, when it says so.
pub(crate) async fn run(mut socket: Socket, gateway: &Gateway, seen: Option<i128>) {
    let Some(settings) = gateway.live().settings.canvas.clone() else { return };
    let seen = seen.map(Stamp::from_nanoseconds);
    let Some(mut listening) = gateway.canvas.listen(&settings, &gateway.paths.state_dir, seen) else {
        return;
    };
    let mut closing = std::pin::pin!(gateway.lifecycle.reached(Phase::Closing));
    loop {
        tokio::select! {
            () = &mut closing => {
                let Close { code, reason } = Close::service_restart();
                let frame = CloseFrame { code: code.into(), reason: reason.into() };
                send(&mut socket, Message::Close(Some(frame))).await;
                return;
            }
            () = listening.changed() => {
                if !send(&mut socket, Message::text(RELOAD)).await {
                    return;
                }
            }
            message = socket.next() => match message {
                // What a page says is nothing to us; pings are answered by the WebSocket layer.
                Some(Ok(message)) if !message.is_close() => {}
                _ => return,
            }
        }
    }
}

/// Whether a message was taken in time.
async fn send(socket: &mut Socket, message: Message) -> bool {
    matches!(tokio::time::timeout(PATIENCE, socket.send(message)).await, Ok(Ok(())))
}
