//! The keeper's end of the socket to the supervisor: lines, and descriptors beside the first of them.

use std::collections::VecDeque;
use std::io::{self, Write, stdin};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use super::message::{Order, Report, decode, encode};
use crate::platform::process::receive;

/// The socket. Blocking: the keeper reads only when something is there.
#[derive(Debug)]
pub(super) struct Lifeline {
    socket: UnixStream,
    partial: Vec<u8>,
    orders: VecDeque<Order>,
    /// Descriptors that have arrived.
    pub(super) passed: Vec<OwnedFd>,
}

impl Lifeline {
    /// The socket that this process got as its standard input.
    pub(super) fn from_stdin() -> io::Result<Self> {
        let socket = UnixStream::from(stdin().as_fd().try_clone_to_owned()?);
        // Also refuses a terminal or a pipe, as when a person types the hidden command.
        socket.local_addr()?;
        Ok(Self { socket, partial: Vec::new(), orders: VecDeque::new(), passed: Vec::new() })
    }

    /// Waits for the first order; `None` when the supervisor is gone.
    pub(super) fn first(&mut self) -> Option<Order> {
        while self.orders.is_empty() {
            if !self.read() {
                return None;
            }
        }
        self.pop()
    }

    /// An order that has been read.
    pub(super) fn pop(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// Reads once, waiting for something to read. `false` when the supervisor is gone, or talks nonsense, which
    /// leaves no better conclusion.
    pub(super) fn read(&mut self) -> bool {
        let mut buffer = [0; 8192];
        let length = match receive(&self.socket, &mut buffer, &mut self.passed) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return true,
            Err(_) | Ok(0) => return false,
            Ok(length) => length,
        };
        self.partial.extend_from_slice(&buffer[..length]);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            let Ok(order) = decode(&line) else { return false };
            self.orders.push_back(order);
        }
        true
    }

    /// Tells the supervisor. It may be gone, and then there is nobody to tell.
    pub(super) fn tell(&mut self, report: &Report) {
        if let Ok(line) = encode(report) {
            let _ = self.socket.write_all(&line);
        }
    }

    /// To wait on.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
