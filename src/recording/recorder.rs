//! Those who serve write lines into memory; a thread takes them to the journal, a few milliseconds' worth at a time. The
//! memory is bounded: where the disk is too slow, events are missed, and the journal says how many.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::Journal;
use super::line::{Event, Frame, Moment};
use super::room::Bounds;
use crate::logging::subsystem;
use crate::platform::clock;

/// Most bytes that wait to be written.
const MOST: usize = 8 << 20;
/// How much memory is kept for the next lines.
const KEPT: usize = 1 << 20;
/// How long lines are gathered before they are written: what a `kill -9` may cost.
const PAUSE: Duration = Duration::from_millis(4);

/// Records, or does not. Whoever serves asks it about every frame.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Where somebody records to, for whoever runs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// The directory of the recording that is made, if one is.
    pub current: Option<PathBuf>,
    /// That of the last one that is over.
    pub last: Option<PathBuf>,
    /// Why it is over, or was not begun, when it could not be.
    pub problem: Option<String>,
}

/// What a recorder is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// The directory of the recording, as long as one is made.
    pub(crate) recording: Option<PathBuf>,
    /// The last one that is over.
    pub(crate) last: Option<PathBuf>,
    /// Lines of this gateway in it.
    pub(crate) lines: u64,
    /// Bytes of those.
    pub(crate) bytes: u64,
    /// Events that are not in it.
    pub(crate) missed: u64,
    /// Why it is over, when it could not go on.
    pub(crate) problem: Option<String>,
}

/// Tells that the recording is over, because it could not go on.
pub(crate) type Failed = Box<dyn FnOnce() + Send>;

#[derive(Debug, Default)]
struct Shared {
    /// Counts recordings from 1; 0 while none is made.
    session: AtomicU64,
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    /// The recording that `lines` are for.
    session: u64,
    lines: Vec<u8>,
    /// Events that found no room, and that the journal has not told yet.
    missed: u64,
    /// By how much the wall clock is ahead of the monotonic one, microseconds.
    ahead_us: u64,
    /// Whether the thread waits for the first line.
    is_awaited: bool,
    is_over: bool,
    status: Status,
}

impl Recorder {
    /// Begins to record into the directory of a recording, with a journal of its own; `failed` is called if that ends by
    /// itself. `false` when one is made already. Blocks.
    pub(crate) fn start(&self, recording: &Path, generation: u64, failed: Failed) -> io::Result<bool> {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if self.session().is_some() {
            return Ok(false);
        }
        // The last one has ended.
        join(thread.take());
        let bounds = Bounds::default();
        let journal = Journal::begin(recording.to_owned(), generation, clock::unix_ms(), bounds);
        let journal =
            journal.inspect_err(|error| self.shared.lock().status.problem = Some(error.to_string()))?;
        let session = {
            let mut queue = self.shared.lock();
            let session = queue.session + 1;
            let last = queue.status.last.take();
            let status = Status { recording: Some(recording.to_owned()), last, ..Status::default() };
            *queue = Queue { session, status, ..Queue::default() };
            session
        };
        let theirs = Arc::clone(&self.shared);
        let write = move || theirs.write(journal, failed);
        *thread = Some(thread::Builder::new().name("recorder".to_owned()).spawn(write)?);
        self.shared.session.store(session, Ordering::Release);
        Ok(true)
    }

    /// The number of the recording that is made, if one is.
    pub(crate) fn session(&self) -> Option<u64> {
        match self.shared.session.load(Ordering::Relaxed) {
            0 => None,
            session => Some(session),
        }
    }

    /// Records a frame of a connection in that recording, unless it is over.
    pub(crate) fn frame(&self, session: u64, connection: &str, frame: Frame<'_>) {
        let write = |lines: &mut Vec<u8>, moment: Moment| frame.write(lines, moment, connection);
        self.shared.push(session, frame.weight(), write);
    }

    /// Records an event of a connection in that recording, unless it is over.
    pub(crate) fn event(&self, session: u64, connection: &str, event: &Event<'_>) {
        self.shared.push(session, 0, |lines, moment| event.write(lines, moment, Some(connection)));
    }

    /// Records what is about the gateway: how far it has come, its configuration.
    pub(crate) fn mark(&self, event: &Event<'_>) {
        if let Some(session) = self.session() {
            self.shared.push(session, 0, |lines, moment| event.write(lines, moment, None));
        }
    }

    /// What it is doing.
    pub(crate) fn status(&self) -> Status {
        self.shared.lock().status.clone()
    }

    /// Ends when everything is written; says whether something was recorded. Blocks.
    pub(crate) fn stop(&self) -> bool {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        let was_on = self.shared.session.swap(0, Ordering::Relaxed) != 0;
        self.shared.lock().is_over = true;
        self.shared.filled.notify_one();
        join(thread.take());
        was_on
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}

fn join(thread: Option<JoinHandle<()>>) {
    if thread.is_some_and(|thread| thread.join().is_err()) {
        tracing::error!(target: subsystem::GATEWAY, "the end of the recording is not written");
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a line written, at this moment.
    fn push(&self, session: u64, weight: usize, write: impl FnOnce(&mut Vec<u8>, Moment)) {
        let mut queue = self.lock();
        if queue.session != session || queue.is_over {
            return;
        }
        if queue.lines.len() + weight > MOST {
            queue.missed += 1;
            queue.status.missed += 1;
            return;
        }
        let moment = queue.moment();
        write(&mut queue.lines, moment);
        queue.status.lines += 1;
        let is_awaited = std::mem::take(&mut queue.is_awaited);
        drop(queue);
        if is_awaited {
            self.filled.notify_one();
        }
    }

    /// Writes what comes, until it is over.
    fn write(&self, mut journal: Journal, failed: Failed) {
        let mut lines = Vec::new();
        loop {
            let is_over = self.take(&mut lines);
            if let Err(error) = journal.append(&lines, clock::unix_ms()) {
                self.fail(&error);
                failed();
                return;
            }
            lines.clear();
            if is_over {
                return self.ended();
            }
        }
    }

    /// Waits for lines and takes them; says whether no more will come.
    fn take(&self, lines: &mut Vec<u8>) -> bool {
        let mut queue = self.lock();
        if queue.lines.is_empty() && !queue.is_over {
            // Memory that a flood has left is not kept for quiet times.
            lines.shrink_to(KEPT);
            queue.lines.shrink_to(KEPT);
        }
        while queue.lines.is_empty() && queue.missed == 0 && !queue.is_over {
            queue.is_awaited = true;
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let gathering = self.filled.wait_timeout_while(queue, PAUSE, |queue| !queue.is_over);
        let (mut queue, _) = gathering.unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut queue.lines, lines);
        let missed = std::mem::take(&mut queue.missed);
        if missed > 0 {
            Event::Missed(missed).write(lines, queue.moment(), None);
        }
        queue.status.bytes += lines.len() as u64;
        queue.is_over
    }

    /// It cannot go on. Said once: nothing is recorded any more.
    fn fail(&self, error: &io::Error) {
        tracing::error!(target: subsystem::GATEWAY, %error, "stopped recording");
        self.lock().status.problem = Some(error.to_string());
        self.ended();
    }

    fn ended(&self) {
        self.session.store(0, Ordering::Relaxed);
        let mut queue = self.lock();
        queue.is_over = true;
        queue.lines = Vec::new();
        queue.status.last = queue.status.recording.take();
    }
}

impl Queue {
    /// Now. The wall clock is only looked at for the first of the lines that are written together.
    fn moment(&mut self) -> Moment {
        let at_us = clock::monotonic_us();
        if self.lines.is_empty() {
            self.ahead_us = (clock::unix_ms() * 1000).wrapping_sub(at_us);
        }
        Moment { at_us, ts: self.ahead_us.wrapping_add(at_us) / 1000 }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::super::layout::Part;
    use super::*;

    fn lines(recording: &Path) -> Vec<Value> {
        let parts = Part::all(recording).unwrap();
        let texts = parts.into_iter().map(|(_, path)| fs::read_to_string(path).unwrap());
        texts
            .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
            .collect()
    }

    fn never() -> Failed {
        Box::new(|| panic!("it goes on"))
    }

    fn started(recording: &Path) -> (Recorder, u64) {
        let recorder = Recorder::default();
        assert_eq!(recorder.session(), None);
        assert!(recorder.start(recording, 4, never()).unwrap());
        let session = recorder.session().unwrap();
        (recorder, session)
    }

    #[test]
    fn everything_is_written_in_its_order_before_the_end() {
        let home = tempfile::tempdir().unwrap();
        let (recorder, session) = started(home.path());
        recorder.mark(&Event::Mark("serving"));
        for number in 0..10_000 {
            recorder.frame(session, "c", Frame::Out(&number.to_string()));
        }
        assert!(recorder.stop());
        recorder.event(session, "c", &Event::Close(None));
        let lines = lines(home.path());
        assert_eq!((&lines[0]["generation"], &lines[1]["event"]), (&4.into(), &"serving".into()));
        let frames: Vec<u64> = lines[2..].iter().map(|line| line["frame"].as_u64().unwrap()).collect();
        assert_eq!(frames, (0..10_000).collect::<Vec<_>>());
        assert!(lines.windows(2).all(|two| two[0]["at"].as_u64() <= two[1]["at"].as_u64()));
        let status = recorder.status();
        assert_eq!((status.recording, status.last.as_deref()), (None, Some(home.path())));
        assert_eq!((status.lines, status.missed), (10_001, 0));
        assert!(!recorder.stop(), "it is over");
    }

    #[test]
    fn one_is_made_after_the_other() {
        let home = tempfile::tempdir().unwrap();
        let (one, two) = (home.path().join("one"), home.path().join("two"));
        let (recorder, first) = started(&one);
        assert!(!recorder.start(&two, 4, never()).unwrap(), "one is made already");
        recorder.frame(first, "c", Frame::Out("1"));
        recorder.stop();
        assert!(recorder.start(&two, 4, never()).unwrap());
        recorder.frame(first, "c", Frame::Out("2"));
        recorder.frame(recorder.session().unwrap(), "c", Frame::Out("3"));
        recorder.stop();
        let frames = |recording: &Path| {
            lines(recording)[1..].iter().map(|line| line["frame"].clone()).collect::<Vec<_>>()
        };
        assert_eq!((frames(&one), frames(&two)), (vec![1.into()], vec![3.into()]));
    }

    #[test]
    fn what_the_disk_does_not_keep_up_with_is_counted() {
        let shared =
            Shared { queue: Mutex::new(Queue { session: 1, ..Queue::default() }), ..Shared::default() };
        let frame = "x".repeat(1 << 20);
        for _ in 0..20 {
            shared.push(1, frame.len(), |lines, _| lines.extend_from_slice(frame.as_bytes()));
        }
        let queue = shared.lock();
        assert!(queue.lines.len() <= MOST);
        assert_eq!((queue.lines.len() as u64 >> 20) + queue.missed, 20);
        assert!(queue.missed > 0);
    }

    #[test]
    fn a_directory_that_cannot_be_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let recorder = Recorder::default();
        recorder.start(&file.join("recordings"), 1, never()).unwrap_err();
        assert_eq!(recorder.session(), None);
    }
}
