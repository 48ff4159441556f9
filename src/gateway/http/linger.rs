//! A connection that does not end before the client has read why.
//!
//! Closing a socket with unread data resets it, and what the client has not read yet is lost with it. That happens when
//! a body is refused while it is still being sent. So whoever has sent a body is read from for a while after our side
//! has said that nothing more comes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::gateway::connection::LINGER;
use crate::tls::Stream;

/// A stream that may linger at its end.
#[derive(Debug)]
pub(super) struct Lingering {
    stream: Stream,
    /// Set when a request brought a body.
    has_body: Arc<AtomicBool>,
    is_shut: bool,
    until: Option<Pin<Box<Sleep>>>,
}

// === impl Lingering ===

impl Lingering {
    /// A stream that lingers once `has_body` is set.
    pub(super) fn new(stream: Stream, has_body: Arc<AtomicBool>) -> Self {
        Self { stream, has_body, is_shut: false, until: None }
    }

    /// The stream itself, for another protocol.
    pub(super) fn into_inner(self) -> Stream {
        self.stream
    }

    /// Reads and throws away, until the client ends too or has had its time.
    fn poll_swallow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        if until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut room = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.is_shut = true;
        }
        if self.has_body.load(Ordering::Relaxed) {
            ready!(self.poll_swallow(cx));
        }
        Poll::Ready(Ok(()))
    }
}
