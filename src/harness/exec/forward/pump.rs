//! Bytes from one connection to another. One buffer for all of them, so that a connection that is silent costs
//! nothing.

use std::cell::RefCell;
use std::io;
use std::net::Shutdown;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::task::coop::consume_budget;

/// Read at once.
const CHUNK: usize = 256 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into_boxed_slice());
}

/// What a read brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Bytes, which are written, up to the rest.
    Some {
        /// What the other side does not take yet.
        rest: Vec<u8>,
    },
    /// Nothing yet.
    NotYet,
    /// There will be no more.
    End,
}

/// Copies until `from` has no more, and says that to `to`.
pub(super) async fn pump(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    loop {
        from.readable().await?;
        match pass(from, to, |_| {})? {
            Read::Some { rest } => write(to, &rest).await?,
            Read::NotYet => {}
            Read::End => return end(to),
        }
        consume_budget().await;
    }
}

/// Reads once and writes as much of it as there is room for. `seen` gets the bytes first.
pub(super) fn pass(from: &TcpStream, to: &TcpStream, seen: impl FnOnce(&[u8])) -> io::Result<Read> {
    BUFFER.with_borrow_mut(|buffer| {
        let length = match from.try_read(buffer) {
            Ok(0) => return Ok(Read::End),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Read::NotYet),
            Err(error) => return Err(error),
        };
        let bytes = &buffer[..length];
        seen(bytes);
        let written = match to.try_write(bytes) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        Ok(Read::Some { rest: bytes[written..].to_vec() })
    })
}

/// Writes all of it.
pub(super) async fn write(to: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Says that there will be no more.
pub(super) fn end(to: &TcpStream) -> io::Result<()> {
    match SockRef::from(to).shutdown(Shutdown::Write) {
        // The other side is gone as a whole.
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        done => done,
    }
}
