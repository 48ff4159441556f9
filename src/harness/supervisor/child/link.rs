//! The supervisor's end of a keeper's lifeline.

use std::collections::VecDeque;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};

use tokio::io::Interest;
use tokio::net::UnixStream;

use super::lines::Lines;
use crate::harness::keeper::{Order, Report, decode, encode};
use crate::platform::process::send;

/// Longest report; the longest is a list of pids.
const REPORT_LIMIT: usize = 64 * 1024;

/// The lifeline, with the reports that came over it.
#[derive(Debug)]
pub(in crate::harness) struct Link {
    socket: UnixStream,
    lines: Lines,
    reports: VecDeque<Report>,
}

impl Link {
    pub(in crate::harness) fn new(socket: UnixStream) -> Self {
        Self { socket, lines: Lines::new(REPORT_LIMIT), reports: VecDeque::new() }
    }

    /// Says that no order follows, which a keeper takes as an order to kill.
    pub(in crate::harness) fn close(&self) {
        // Fails when the keeper is gone.
        let _ = socket2::SockRef::from(&self.socket).shutdown(Shutdown::Write);
    }

    /// Sends an order without waiting. Orders are so few and short that the socket has room for them; when it
    /// is closed, the keeper is gone, and with it the child.
    pub(in crate::harness) fn order(&self, order: &Order) {
        if let Ok(line) = encode(order) {
            let _ = self.socket.try_write(&line);
        }
    }

    /// Sends an order with descriptors, however long it is.
    pub(in crate::harness) async fn order_with(
        &self,
        order: &Order,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let line = encode(order)?;
        let mut descriptors = descriptors;
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            let message = || send(self.socket.as_fd(), rest, descriptors);
            let count = self.socket.async_io(Interest::WRITABLE, message).await?;
            rest = &rest[count..];
            descriptors = &[];
        }
        Ok(())
    }

    /// The next report; `None` when the keeper has closed its end. Cancel-safe.
    pub(in crate::harness) async fn report(&mut self) -> Option<Report> {
        loop {
            if let Some(report) = self.reports.pop_front() {
                return Some(report);
            }
            self.socket.readable().await.ok()?;
            let mut buffer = [0; 1024];
            match self.socket.try_read(&mut buffer) {
                Ok(count @ 1..) => {
                    for line in self.lines.push(&buffer[..count]) {
                        self.reports.push_back(decode(&line.bytes).ok()?);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => return None,
            }
        }
    }
}
