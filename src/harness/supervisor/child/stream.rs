//! One pipe from the child, read as lines.

use std::future::pending;
use std::io;

use tokio::net::unix::pipe;

use super::lines::{Line, Lines};

/// Read at once. Most messages fit several times.
const CHUNK: usize = 8 * 1024;

/// The pipe and what is left of its last line.
#[derive(Debug)]
pub(super) struct Stream {
    /// Until its end.
    pipe: Option<pipe::Receiver>,
    lines: Lines,
}

impl Stream {
    /// Without a pipe nothing ever comes.
    pub(super) fn new(pipe: Option<pipe::Receiver>, limit: usize) -> Self {
        Self { pipe, lines: Lines::new(limit) }
    }

    /// Waits for something to read and returns the lines that it completes, possibly none. Never returns after
    /// the end. Cancel-safe.
    pub(super) async fn read(&mut self) -> Vec<Line> {
        while let Some(pipe) = &self.pipe {
            if pipe.readable().await.is_err() {
                self.pipe = None;
            }
            if let Some(lines) = self.try_read() {
                return lines;
            }
        }
        pending().await
    }

    /// Everything that the child had written when it ended, its last unfinished line included.
    pub(super) fn drain(&mut self) -> Vec<Line> {
        let mut all = Vec::new();
        while let Some(lines) = self.try_read() {
            all.extend(lines);
        }
        all.extend(self.lines.finish());
        all
    }

    /// `None` when there is nothing to read now.
    fn try_read(&mut self) -> Option<Vec<Line>> {
        let mut chunk = [0; CHUNK];
        match self.pipe.as_ref()?.try_read(&mut chunk) {
            Ok(count @ 1..) => Some(self.lines.push(&chunk[..count])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Ok(_) | Err(_) => {
                self.pipe = None;
                Some(self.lines.finish().into_iter().collect())
            }
        }
    }
}
