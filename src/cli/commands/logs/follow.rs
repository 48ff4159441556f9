//! New lines as they come. Nothing is looked at before the system says that something has changed.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use super::journal;
use super::sources::{Seen, Source, milliseconds, shows};
use super::view::{End, Entry, View};
use crate::platform::clock;
use crate::platform::exec::Stream;
use crate::platform::stirring::Stirring;

/// The journal, from a place on.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) unit: String,
    pub(super) cursor: Option<String>,
}

enum Wake {
    /// Something has changed near the files.
    Files,
    /// The journal has a line.
    Entry(String),
    /// It has no more.
    End(String),
}

/// Shows what comes until nobody reads.
pub(super) fn follow(
    mut sources: Vec<Source>,
    mut seen: Seen,
    journal: Option<&Journal>,
    interval: u64,
    view: &View<'_>,
) -> Result<(), End> {
    // Dropped after the queue: its thread may be waiting for room in it.
    let _attended;
    // One wake is as good as many: every one has all files looked at.
    let (sender, wakes) = sync_channel(1);
    let directories = sources.iter().filter_map(|source| source.file.path().parent()).map(ToOwned::to_owned);
    let wake = sender.clone();
    let mut stirring = Stirring::watch(directories, move || match wake.try_send(Wake::Files) {
        Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
    });
    _attended = journal.map(|journal| attend(journal, sender.clone()));

    // What came between the first lines and now.
    read(&mut sources, &mut seen, view)?;
    loop {
        let patience = (!stirring.renew()).then(|| Duration::from_millis(interval));
        match next(&wakes, patience) {
            Wake::Files => read(&mut sources, &mut seen, view)?,
            Wake::Entry(text) => {
                // The file first: what the journal has as well is a copy of it.
                read(&mut sources, &mut seen, view)?;
                if let Some(entry) = journal::parse(&text)
                    && shows(view, &entry, &seen)
                {
                    view.show([&Entry { at: entry.at, line: entry.line }])?;
                }
            }
            Wake::End(said) => {
                view.notice(&format!("The journal of the service is not followed any more: {said}"))?;
            }
        }
    }
}

/// The next wake. Where nothing is announced, time is one.
fn next(wakes: &Receiver<Wake>, patience: Option<Duration>) -> Wake {
    let wake = match patience {
        Some(patience) => wakes.recv_timeout(patience),
        None => wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    wake.unwrap_or(Wake::Files)
}

/// Shows what is new in the files, in the order of time.
fn read(sources: &mut [Source], seen: &mut Seen, view: &View<'_>) -> Result<(), End> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut cut = Vec::new();
    for source in sources {
        let mut raws = Vec::new();
        // A file that cannot be read just now is looked at again with the next wake.
        let is_cut = source.file.read_on(|raw| raws.push(raw.to_owned())).unwrap_or(false);
        if is_cut {
            cut.push(source.file.path().display().to_string());
        }
        let mut at = i64::try_from(clock::unix_ms()).unwrap_or(i64::MAX);
        for raw in raws.iter().filter(|raw| !raw.is_empty()) {
            let (line, level) = source.line(raw);
            at = line.time.as_deref().and_then(milliseconds).unwrap_or(at);
            if !source.is_told(&line, seen) && view.shows(level) {
                entries.push(Entry { at, line });
            }
        }
    }
    seen.trim();
    for path in cut {
        view.notice(&format!("{path} was emptied."))?;
    }
    entries.sort_by_key(|entry| entry.at);
    view.show(&entries)
}

/// The thread that reads what `journalctl` says. Ends it when dropped.
struct Attended {
    stream: Option<Stream>,
    thread: Option<thread::JoinHandle<()>>,
}

fn attend(journal: &Journal, wakes: SyncSender<Wake>) -> Attended {
    let mut attended = Attended { stream: None, thread: None };
    match Stream::start(&journal::following(&journal.unit, journal.cursor.as_deref())) {
        Ok((stream, lines)) => {
            attended.stream = Some(stream);
            attended.thread = thread::Builder::new()
                .name("journal".to_owned())
                .spawn(move || {
                    for line in lines {
                        if wakes.send(Wake::Entry(line)).is_err() {
                            return;
                        }
                    }
                    let _ = wakes.send(Wake::End("journalctl has ended".to_owned()));
                })
                .ok();
        }
        Err(error) => {
            // The queue is empty: nobody else has it yet.
            let _ = wakes.try_send(Wake::End(error.to_string()));
        }
    }
    attended
}

impl Drop for Attended {
    fn drop(&mut self) {
        // It reads until the pipe is closed, which is when the command is gone.
        self.stream = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
