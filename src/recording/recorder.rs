//! Those who serve queue events; a thread writes them. The queue is bounded: where the disk is too slow, events are
//! missed, and the journal says how many.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::entry::{Entry, Event};
use super::journal::Journal;
use super::room::Bounds;
use crate::logging::subsystem;
use crate::platform::clock;

/// Most bytes that wait to be written.
const MOST: usize = 8 << 20;

/// A journal that is written as long as this lives.
#[derive(Debug)]
pub(crate) struct Recorder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What one connection records to.
#[derive(Debug, Clone)]
pub(crate) struct Tape {
    shared: Arc<Shared>,
    connection: Arc<str>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    entries: Vec<Entry>,
    bytes: usize,
    missed: u64,
    is_over: bool,
}

impl Recorder {
    /// Begins a file of its own in the directory of a recording. Blocks.
    pub(crate) fn start(recording: PathBuf, generation: u64) -> io::Result<Self> {
        let journal = Journal::begin(recording, generation, clock::unix_ms(), Bounds::default())?;
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let thread =
            thread::Builder::new().name("recorder".to_owned()).spawn(move || theirs.write(journal))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Records what is about the gateway: how far it has come, its configuration.
    pub(crate) fn mark(&self, event: Event) {
        self.shared.push(None, event);
    }

    /// What the connection records to.
    pub(crate) fn tape(&self, connection: &str) -> Tape {
        Tape { shared: Arc::clone(&self.shared), connection: connection.into() }
    }

    /// Ends when everything is written. Blocks; nothing is recorded afterwards.
    pub(crate) fn finish(&self) {
        self.shared.lock().is_over = true;
        self.shared.filled.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(target: subsystem::GATEWAY, "the end of the recording is not written");
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Tape {
    /// Records an event of the connection.
    pub(crate) fn record(&self, event: Event) {
        self.shared.push(Some(Arc::clone(&self.connection)), event);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, connection: Option<Arc<str>>, event: Event) {
        let weight = event.weight();
        let entry = Entry { at_us: clock::monotonic_us(), ts: clock::unix_ms(), connection, event };
        let mut queue = self.lock();
        if queue.is_over {
            return;
        }
        if queue.bytes + weight > MOST {
            queue.missed += 1;
            return;
        }
        queue.bytes += weight;
        queue.entries.push(entry);
        let is_first = queue.entries.len() == 1;
        drop(queue);
        if is_first {
            self.filled.notify_one();
        }
    }

    /// Writes what is queued, until it is over.
    fn write(&self, mut journal: Journal) {
        let (mut entries, mut lines) = (Vec::new(), Vec::new());
        loop {
            let mut queue = self.lock();
            while queue.entries.is_empty() && !queue.is_over {
                queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::swap(&mut queue.entries, &mut entries);
            queue.bytes = 0;
            let missed = std::mem::take(&mut queue.missed);
            let is_over = queue.is_over;
            drop(queue);
            for entry in entries.drain(..) {
                entry.write(&mut lines);
            }
            if missed > 0 {
                let event = Event::Missed(missed);
                let at_us = clock::monotonic_us();
                Entry { at_us, ts: clock::unix_ms(), connection: None, event }.write(&mut lines);
            }
            if let Err(error) = journal.append(&lines, clock::unix_ms()) {
                tracing::error!(target: subsystem::GATEWAY, %error, "stopped recording");
                let mut queue = self.lock();
                queue.is_over = true;
                queue.entries = Vec::new();
                return;
            }
            lines.clear();
            if is_over {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::super::layout::Part;
    use super::*;

    fn lines(directory: &Path) -> Vec<Value> {
        let parts = Part::all(directory).unwrap();
        let texts = parts.into_iter().map(|(_, path)| fs::read_to_string(path).unwrap());
        texts
            .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
            .collect()
    }

    #[test]
    fn everything_is_written_in_its_order_before_the_end() {
        let home = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(home.path().to_owned(), 4).unwrap();
        let tape = recorder.tape("c");
        recorder.mark(Event::Mark("serving"));
        for number in 0..10_000 {
            tape.record(Event::In(number.to_string().into()));
        }
        recorder.finish();
        tape.record(Event::Close(None));
        let lines = lines(home.path());
        assert_eq!((&lines[0]["generation"], &lines[1]["event"]), (&4.into(), &"serving".into()));
        let frames: Vec<u64> = lines[2..].iter().map(|line| line["frame"].as_u64().unwrap()).collect();
        assert_eq!(frames, (0..10_000).collect::<Vec<_>>());
        assert!(lines[2..].windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
    }

    #[test]
    fn what_the_disk_does_not_keep_up_with_is_counted() {
        let shared = Shared::default();
        let frame = "x".repeat(1 << 20);
        for _ in 0..20 {
            shared.push(None, Event::In(frame.as_str().into()));
        }
        let queue = shared.lock();
        assert!(queue.bytes <= MOST);
        assert_eq!(queue.entries.len() as u64 + queue.missed, 20);
        assert!(queue.missed > 0);
    }

    #[test]
    fn a_directory_that_cannot_be_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        Recorder::start(file.join("recordings"), 1).unwrap_err();
    }
}
