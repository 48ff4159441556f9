//! What will be in a capsule, before anything is written: everything is read once, and every secret is known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::again::{clean, environment, started};
use super::bounds::{limit, look};
use super::collect::Collected;
use super::error::CaptureError;
use super::extras::Extras;
use super::gather::{of_configuration, of_elsewhere, read_all};
use super::known::{book, cleaner, name, places};
use super::names::{add_devices, add_places};
use super::read::{Body, Outcome, read};
use super::spool::Spool;
use super::subject::{Subject, check, origin, recorded};
use super::survey::{Candidate, Filter};
use crate::capsule::format::HOME;
use crate::capsule::{Home, LeftOut, Recording, Start, ThrowawayKey};
use crate::redaction::{Book, Cleaner, Kind, Look, Names, Reach, reach};

/// What somebody wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// A recording, or a directory of recordings, other than the profile's own.
    pub recording: Option<PathBuf>,
    /// Patterns of what is taken whatever it is.
    pub include: Vec<String>,
    /// Patterns of what is left.
    pub exclude: Vec<String>,
    /// Most bytes of content.
    pub max_bytes: u64,
}

/// A capsule that can be written.
#[derive(Debug)]
pub struct Plan {
    pub(super) spool: Spool,
    pub(super) entries: Vec<Planned>,
    candidates: BTreeMap<String, Candidate>,
    book: Book,
    names: Names,
    pub(super) cleaner: Cleaner,
    /// Where files without a name are made.
    pub(super) folder: PathBuf,
    pub(super) facts: Facts,
}

/// What a capsule will say about itself.
#[derive(Debug)]
pub struct Facts {
    /// The name of the profile.
    pub profile: Option<String>,
    /// The state directory below `home/`.
    pub state_dir: String,
    /// The workspace below `home/`.
    pub workspace: Option<String>,
    /// When `home/` was taken.
    pub taken: Home,
    /// What the journal holds.
    pub recording: Option<Recording>,
    /// How many secrets are replaced.
    pub secrets: usize,
    /// The keys of the devices that are replaced.
    pub keys: Vec<ThrowawayKey>,
    /// How the gateway was started.
    pub start: Start,
    /// What stays behind.
    pub left_out: Vec<LeftOut>,
}

/// An entry to be.
#[derive(Debug)]
pub(super) struct Planned {
    /// As it will be called.
    pub(super) name: String,
    pub(super) body: Body,
    pub(super) look: Look,
    /// The candidate that it was.
    pub(super) source: Option<String>,
    /// Before it is rewritten.
    pub(super) bytes: u64,
}

impl Plan {
    /// Reads what the capsule of a profile will hold. What has to be kept meanwhile is kept in `folder`, in files without
    /// a name.
    pub fn make(subject: &Subject, wish: &Wish, folder: &Path) -> Result<Self, CaptureError> {
        let filter = Filter::new(&wish.include, &wish.exclude)?;
        let recorded = recorded(wish.recording.as_deref(), subject)?;
        let origin = origin(subject, recorded.as_ref());
        check(subject, &origin)?;
        let mut found = look(&origin, &filter)?;
        let spool = Spool::new(folder).map_err(|error| CaptureError::unwritable(folder, error))?;
        let extras = Extras::take(subject, recorded.as_ref(), &spool)?;
        limit(&mut found, wish.max_bytes, extras.bytes())?;

        let env = environment(subject, recorded.as_ref(), &origin);
        let mut collected = Collected::default();
        let outcomes = read_all(&found.files, &spool)?;
        let mut planned = Vec::new();
        let mut candidates = BTreeMap::new();
        for (candidate, outcome) in std::mem::take(&mut found.files).into_iter().zip(outcomes) {
            match outcome {
                Outcome::Taken { body, collected: own } => {
                    planned.push(Planned::of(&candidate, body, &own));
                    collected.append(own);
                    candidates.insert(candidate.name.clone(), candidate);
                }
                Outcome::Left(reason) => found.leave(&candidate.name, candidate.bytes, reason),
                Outcome::Gone => {}
            }
        }
        let recording = extras.recording.clone();
        planned.extend(extras.plan(&spool, &mut collected)?);
        let variables = of_configuration(&origin.config, &env, &mut collected);
        let start = started(recorded.as_ref(), subject, &env, &variables, &mut collected);
        let (inside, devices_inside) = (collected.secrets().len(), collected.devices().len());
        of_elsewhere(subject, &found.keys, &mut collected);

        let (book, secrets) = book(&collected, inside)?;
        let mut names = Names::default();
        let workspace =
            origin.workspace.clone().unwrap_or_else(|| origin.state.replacen(".clawdbot", "clawd", 1));
        for places in places(subject, recorded.as_ref()) {
            add_places(&mut names, &places, &origin.state, &workspace);
        }
        let mut keys = add_devices(&mut names, &collected.devices());
        keys.truncate(devices_inside);
        let cleaner = cleaner(&book, &names)?;
        let mut left_out = origin.left_out;
        left_out.append(&mut found.left_out);
        let mut facts = Facts {
            profile: recorded.as_ref().map_or_else(|| subject.name.clone(), |it| it.start.profile.clone()),
            state_dir: origin.state,
            workspace: origin.workspace,
            taken: origin.taken,
            recording,
            secrets,
            keys,
            start: clean(&start, &book, &cleaner),
            left_out,
        };
        let entries = name(planned, &cleaner, &mut facts.left_out);
        for left in &mut facts.left_out {
            left.path = cleaner.clean(&left.path, Look::Values);
        }
        Ok(Self { spool, entries, candidates, book, names, cleaner, folder: folder.to_owned(), facts })
    }

    /// What the capsule will say about itself.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Every entry: its name, and its length before secrets are taken out.
    pub fn entries(&self) -> impl Iterator<Item = (&str, u64)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), entry.bytes))
    }

    /// Reads an entry once more, which is not as it was, and keeps it.
    pub(super) fn read_again(&mut self, index: usize) -> Result<(), CaptureError> {
        let entry = &mut self.entries[index];
        let restless = || CaptureError::Restless(entry.name.clone());
        let candidate =
            entry.source.as_ref().and_then(|name| self.candidates.get(name)).ok_or_else(restless)?;
        let (body, collected) = match read(candidate, &self.spool, true)? {
            Outcome::Taken { body, collected } => (body, collected),
            Outcome::Gone => {
                self.entries.remove(index);
                return Ok(());
            }
            Outcome::Left(reason) => {
                let (path, bytes) = (self.cleaner.clean(&candidate.name, Look::Values), candidate.bytes);
                self.facts.left_out.push(LeftOut { path, bytes, reason });
                self.entries.remove(index);
                return Ok(());
            }
        };
        *entry = Planned { name: entry.name.clone(), ..Planned::of(candidate, body, &collected) };
        let known = self.book.len();
        for (value, evidence) in collected.secrets() {
            self.book.note(value, *evidence);
        }
        self.facts.secrets += self.book.len() - known;
        self.cleaner = cleaner(&self.book, &self.names)?;
        Ok(())
    }
}

impl Planned {
    fn of(candidate: &Candidate, body: Body, own: &Collected) -> Self {
        let bytes = match &body {
            Body::Kept(range) => range.end - range.start,
            Body::File { bytes, .. } | Body::Binary { bytes, .. } => *bytes,
        };
        let has_short = own.secrets().iter().any(|(value, evidence)| reach(value, *evidence) == Reach::There);
        let look = match Kind::of(&candidate.name) {
            Kind::Variables => Look::Variables,
            _ if has_short => Look::Places,
            _ => Look::Values,
        };
        let name = format!("{HOME}/{}", candidate.name);
        Self { name, body, look, source: Some(candidate.name.clone()), bytes }
    }
}
