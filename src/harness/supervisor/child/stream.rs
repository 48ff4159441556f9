//! One pipe from the child, read as lines.

use std::fs::File;
use std::future::pending;
use std::io::{self, Read as _};
use std::os::fd::AsFd as _;

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
            if let Some(lines) = self.try_read(pipe::Receiver::try_read) {
                return lines;
            }
        }
        pending().await
    }

    /// Everything that the child had written when it ended, its last unfinished line included.
    ///
    /// Asks the pipe itself: the runtime may not have heard yet that there is something to read.
    pub(super) fn drain(&mut self) -> Vec<Line> {
        let mut all = Vec::new();
        while let Some(lines) = self.try_read(read_now) {
            all.extend(lines);
        }
        all.extend(self.lines.finish());
        all
    }

    /// `None` when there is nothing to read now.
    fn try_read(
        &mut self,
        read: impl Fn(&pipe::Receiver, &mut [u8]) -> io::Result<usize>,
    ) -> Option<Vec<Line>> {
        let mut chunk = [0; CHUNK];
        match read(self.pipe.as_ref()?, &mut chunk) {
            Ok(count @ 1..) => Some(self.lines.push(&chunk[..count])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Ok(_) | Err(_) => {
                self.pipe = None;
                Some(self.lines.finish().into_iter().collect())
            }
        }
    }
}

fn read_now(pipe: &pipe::Receiver, chunk: &mut [u8]) -> io::Result<usize> {
    File::from(pipe.as_fd().try_clone_to_owned()?).read(chunk)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn last_words_are_read_before_the_runtime_has_heard_of_them() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut stream = Stream::new(Some(pipe::Receiver::from_owned_fd(reader.into()).unwrap()), 100);
        writer.write_all(b"one\ntwo").unwrap();
        let words: Vec<Vec<u8>> = stream.drain().into_iter().map(|line| line.bytes).collect();
        assert_eq!(words, [b"one".to_vec(), b"two".to_vec()]);
    }
}
