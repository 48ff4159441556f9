//! A plan → the file: rewritten on one thread, compressed on another, read back, and only then given its name.

use std::io::{self, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tempfile::SpooledTempFile;

use super::archive::Writer;
use super::error::CaptureError;
use super::plan::{Plan, Planned};
use super::read::{Body, again};
use super::rewrite::{Rewritten, rewrite};
use super::scan;
use crate::capsule::format::{KEYS, NUMBER};
use crate::capsule::{LeftOut, Manifest};
use crate::platform::host;
use crate::platform::unborn::Unborn;
use crate::redaction::Kind;

/// How often it is begun anew because a file changed.
const ATTEMPTS: usize = 5;

/// What is rewritten is kept in memory up to this length.
const IN_MEMORY: usize = 4 << 20;

/// The longest document that is checked for being one afterwards.
const LONGEST_CHECKED: u64 = 4 << 20;

/// An entry without its secrets.
struct Clean {
    name: String,
    bytes: u64,
    content: SpooledTempFile,
}

/// What the thread that rewrites says.
enum Told {
    Entry(Clean),
    /// It would not be a document any more.
    Broken(LeftOut),
}

/// Why an entry is not there.
enum Stopped {
    /// It is not what it was.
    Changed(usize),
    /// Nobody listens any more.
    Over,
    Failed(CaptureError),
}

impl Plan {
    /// Writes it to `file`, which must not exist. `created`: now, in UTC.
    pub fn write(mut self, file: &Path, created: &str) -> Result<Manifest, CaptureError> {
        let failed = |source| CaptureError::unwritable(file, source);
        for _ in 0..ATTEMPTS {
            let unborn = Unborn::new(file).map_err(failed)?;
            match self.put(&unborn, file, created) {
                Ok(manifest) => {
                    scan::check(unborn.file(), file, &self.cleaner)?;
                    return match unborn.appear() {
                        Ok(()) => Ok(manifest),
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                            Err(CaptureError::Exists(file.to_owned()))
                        }
                        Err(error) => Err(failed(error)),
                    };
                }
                Err(Stopped::Changed(index)) => self.read_again(index)?,
                Err(Stopped::Failed(error)) => return Err(error),
                Err(Stopped::Over) => return Err(failed(io::ErrorKind::BrokenPipe.into())),
            }
        }
        Err(CaptureError::Restless(file.display().to_string()))
    }

    fn put(&self, unborn: &Unborn, file: &Path, created: &str) -> Result<Manifest, Stopped> {
        let failed = |source| Stopped::Failed(CaptureError::unwritable(file, source));
        let all: u64 = self.entries.iter().map(|entry| entry.bytes).sum();
        let output = BufWriter::with_capacity(1 << 16, unborn.file());
        let mut writer = Writer::begin(output, all).map_err(failed)?;
        let mut left_out = self.facts.left_out.clone();
        std::thread::scope(|scope| {
            // One that is written, one that waits, one that is made.
            let (sender, receiver) = sync_channel(1);
            let rewriting = scope.spawn(move || {
                let rewritten = self.rewrite(&sender);
                // Whoever writes waits for more as long as it is there.
                drop(sender);
                rewritten
            });
            let written = write_all(&receiver, &mut writer, &mut left_out);
            drop(receiver);
            let rewritten = rewriting.join().unwrap_or(Err(Stopped::Over));
            written.map_err(failed)?;
            rewritten
        })?;
        let keys =
            serde_json::to_string_pretty(&self.facts.keys).map_err(|error| failed(error.into()))? + "\n";
        writer.add(KEYS, keys.len() as u64, &mut keys.as_bytes()).map_err(failed)?;
        let (manifest, output) = writer.finish(&self.manifest(created, left_out)).map_err(failed)?;
        output.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok(manifest)
    }

    fn manifest(&self, created: &str, left_out: Vec<LeftOut>) -> Manifest {
        let facts = &self.facts;
        Manifest {
            format: NUMBER,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            platform: host::target(),
            created: created.to_owned(),
            profile: facts.profile.clone(),
            state_dir: facts.state_dir.clone(),
            workspace: facts.workspace.clone(),
            start: facts.start.clone(),
            taken: facts.taken,
            recording: facts.recording.clone(),
            secrets: facts.secrets,
            devices: facts.keys.len(),
            files: Vec::new(),
            left_out,
        }
    }

    /// Rewrites every entry in its order.
    fn rewrite(&self, told: &SyncSender<Told>) -> Result<(), Stopped> {
        for (index, entry) in self.entries.iter().enumerate() {
            let clean = self.clean(index, entry)?;
            told.send(clean).map_err(|_| Stopped::Over)?;
        }
        Ok(())
    }

    fn clean(&self, index: usize, entry: &Planned) -> Result<Told, Stopped> {
        let failed = |source| Stopped::Failed(CaptureError::unwritable(&self.folder, source));
        let mut content = tempfile::spooled_tempfile_in(IN_MEMORY, &self.folder);
        match &entry.body {
            Body::Kept(range) => {
                let input = self.spool.read(range.clone());
                rewrite(input, &self.cleaner, entry.look, &mut content).map_err(failed)?;
            }
            Body::File { path, bytes, digest } => {
                let mut input = again(path, *bytes).map_err(|_| Stopped::Changed(index))?;
                let done = rewrite(&mut input, &self.cleaner, entry.look, &mut content).map_err(failed)?;
                if done == Rewritten::NoText || input.finish() != (*digest, *bytes) {
                    return Err(Stopped::Changed(index));
                }
            }
            Body::Binary { path, bytes, digest } => {
                let mut input = again(path, *bytes).map_err(|_| Stopped::Changed(index))?;
                io::copy(&mut input, &mut content).map_err(failed)?;
                if input.finish() != (*digest, *bytes) {
                    return Err(Stopped::Changed(index));
                }
                content.seek(SeekFrom::Start(0)).map_err(failed)?;
                if scan::finds(&mut content, &self.cleaner).map_err(failed)? {
                    return Err(Stopped::Failed(CaptureError::Binary(entry.name.clone())));
                }
            }
        }
        let bytes = content.stream_position().map_err(failed)?;
        content.seek(SeekFrom::Start(0)).map_err(failed)?;
        if self.is_broken(entry, &mut content).map_err(failed)? {
            let reason = "without its secrets it could not be read".to_owned();
            let path = entry.name.trim_start_matches("home/").to_owned();
            return Ok(Told::Broken(LeftOut { path, bytes: entry.bytes, reason }));
        }
        Ok(Told::Entry(Clean { name: entry.name.clone(), bytes, content }))
    }

    /// Whether it was a document and is none any more.
    fn is_broken(&self, entry: &Planned, clean: &mut SpooledTempFile) -> io::Result<bool> {
        let Body::Kept(range) = &entry.body else { return Ok(false) };
        if Kind::of(&entry.name) != Kind::Document || entry.bytes > LONGEST_CHECKED {
            return Ok(false);
        }
        let is_json = |input: &mut dyn Read| {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes)?;
            io::Result::Ok(serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok())
        };
        let is_broken = is_json(&mut self.spool.read(range.clone()))? && !is_json(clean)?;
        clean.seek(SeekFrom::Start(0))?;
        Ok(is_broken)
    }
}

fn write_all<W: Write>(
    told: &Receiver<Told>,
    writer: &mut Writer<W>,
    left_out: &mut Vec<LeftOut>,
) -> io::Result<()> {
    for told in told {
        match told {
            Told::Entry(Clean { name, bytes, mut content }) => writer.add(&name, bytes, &mut content)?,
            Told::Broken(left) => left_out.push(left),
        }
    }
    Ok(())
}
