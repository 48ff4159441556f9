//! What is known of a profile once all of it was read: its secrets, what stands in their places, and its names.

use std::collections::HashSet;
use std::path::Path;

use super::collect::Collected;
use super::error::CaptureError;
use super::names::Places;
use super::plan::Planned;
use super::subject::{Recorded, Subject};
use crate::capsule::LeftOut;
use crate::capsule::format::{HOME, PLACEHOLDER, bad_name};
use crate::redaction::{Book, Cleaner, Look, Names};

/// Most secrets.
const MOST_SECRETS: usize = 100_000;

/// The secrets of a profile, and how many are among the first `inside` that were met.
pub(super) fn book(collected: &Collected, inside: usize) -> Result<(Book, usize), CaptureError> {
    let mut book = Book::new(PLACEHOLDER);
    book.begin_behind(collected.placeholder);
    let (first, rest) = collected.secrets().split_at(inside);
    for (value, evidence) in first {
        book.note(value, *evidence);
    }
    let secrets = book.len();
    for (value, evidence) in rest {
        book.note(value, *evidence);
    }
    if book.len() > MOST_SECRETS {
        return Err(CaptureError::TooManySecrets(book.len()));
    }
    Ok((book, secrets))
}

/// What takes them out.
pub(super) fn cleaner(book: &Book, names: &Names) -> Result<Cleaner, CaptureError> {
    Cleaner::new(book, names).map_err(|_| CaptureError::TooManySecrets(book.len()))
}

/// Where the profile is, and where it was when the recording began; each also as the system calls it.
pub(super) fn places(subject: &Subject, recorded: Option<&Recorded>) -> Vec<Places> {
    let now = Places {
        home: subject.home.clone(),
        state: subject.state.clone(),
        workspace: subject.workspace.clone(),
    };
    let then = recorded.map(|Recorded { start, .. }| Places {
        home: Some(start.home.clone()),
        state: start.state_dir.clone(),
        workspace: Some(start.workspace.clone()),
    });
    let as_typed = then.into_iter().chain([now]);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    as_typed
        .flat_map(|places| {
            let real = Places {
                home: places.home.as_deref().map(real),
                state: real(&places.state),
                workspace: places.workspace.as_deref().map(real),
            };
            [places, real]
        })
        .collect()
}

/// Entries by the names that they will have: a secret or a device in a name has its placeholder there too.
pub(super) fn name(planned: Vec<Planned>, cleaner: &Cleaner, left_out: &mut Vec<LeftOut>) -> Vec<Planned> {
    let mut taken = HashSet::new();
    let mut named = Vec::new();
    for entry in planned {
        let name = cleaner.clean(&entry.name, Look::Names);
        if bad_name(&name).is_none() && taken.insert(name.clone()) {
            named.push(Planned { name, ..entry });
            continue;
        }
        let path = name.strip_prefix(HOME).map_or(name.as_str(), |below| below.trim_start_matches('/'));
        let reason = "another file has its name without secrets".to_owned();
        left_out.push(LeftOut { path: path.to_owned(), bytes: entry.bytes, reason });
    }
    named
}
