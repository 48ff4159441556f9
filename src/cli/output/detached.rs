//! Output that never makes its writer wait: a thread writes, and when nobody reads any more, lines are dropped and
//! counted. Supervision must go on when the reader of a pipe stops reading or a terminal is halted with Ctrl-S.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines that may wait for their reader.
const WAITING: usize = 4096;
/// How long the end of the program waits for lines that were not written yet.
const PATIENCE: Duration = Duration::from_millis(200);

enum Message {
    Out(Vec<u8>),
    Err(Vec<u8>),
    /// Everything before this is written.
    Done(SyncSender<()>),
}

/// One of the two streams. What is written at once stays together.
pub(super) struct Detached {
    messages: SyncSender<Message>,
    is_err: bool,
    lost: Arc<AtomicU64>,
}

/// Waits, when dropped, until everything is written or nobody reads.
#[derive(Debug)]
#[must_use = "lines that are not written yet are lost without it"]
pub(crate) struct Finish {
    messages: SyncSender<Message>,
}

/// Standard output and standard error, written by a thread of their own in the order of their lines.
pub(super) fn streams() -> io::Result<(Detached, Detached, Finish)> {
    let (messages, queue) = sync_channel(WAITING);
    let lost = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&lost);
    thread::Builder::new().name("output".to_owned()).spawn(move || write_all(&queue, &counter))?;
    let stream = |is_err| Detached { messages: messages.clone(), is_err, lost: Arc::clone(&lost) };
    Ok((stream(false), stream(true), Finish { messages: messages.clone() }))
}

/// A closed pipe or a full disk is nothing that anybody could be told about.
fn write_all(queue: &Receiver<Message>, lost: &AtomicU64) {
    for message in queue {
        let _ = match message {
            Message::Out(bytes) => write(&mut io::stdout(), &bytes),
            Message::Err(bytes) => write(&mut io::stderr(), &bytes),
            Message::Done(done) => {
                // Whoever waits has given up when this fails.
                let _ = done.try_send(());
                Ok(())
            }
        };
        let dropped = lost.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let text = format!("({dropped} lines were dropped, because nobody read them)\n");
            let _ = write(&mut io::stderr(), text.as_bytes());
        }
    }
}

fn write(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

// === impl Detached ===

impl Write for Detached {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let message =
            if self.is_err { Message::Err(bytes.to_owned()) } else { Message::Out(bytes.to_owned()) };
        if let Err(TrySendError::Full(_)) = self.messages.try_send(message) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// === impl Finish ===

impl Drop for Finish {
    fn drop(&mut self) {
        let (done, written) = sync_channel(1);
        if self.messages.try_send(Message::Done(done)).is_ok() {
            // Nobody reads when this fails, and then nothing more can be done.
            let _ = written.recv_timeout(PATIENCE);
        }
    }
}
