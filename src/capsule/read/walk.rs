//! Entry by entry through a capsule, with every check that can be made: nothing of it is trusted.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use super::content::Content;
use super::list::{Seen, compare};
use super::stream::Stream;
use crate::capsule::format::{FORMAT, FORMAT_WORD, MANIFEST, NUMBER, bad_name};
use crate::capsule::{CapsuleError, Limits, Manifest};
use crate::platform::fs::open_regular;

/// How a gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Most bytes of the first entry.
const LONGEST_FORMAT: u64 = 64;

/// Most bytes of a name that stands before its entry.
const LONGEST_NAME: u64 = 8192;

/// Called with every entry but the first and the manifest: its name, its length, its content.
type Visit<'v> = dyn FnMut(&str, u64, &mut Content<'_>) -> Result<(), CapsuleError> + 'v;

/// Reads all of a capsule, hands every file to `visit`, and returns the manifest once everything is checked: what was
/// visited before an error is not to be used.
pub fn walk(file: &Path, limits: &Limits, visit: &mut Visit<'_>) -> Result<Manifest, CapsuleError> {
    walk_through(file, BufReader::with_capacity(64 * 1024, open(file)?), limits, visit)
}

/// The same for a capsule that is in memory.
#[cfg(any(test, fuzzing))]
pub(crate) fn walk_bytes(
    bytes: &[u8],
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> Result<Manifest, CapsuleError> {
    walk_through(Path::new("capsule"), bytes, limits, visit)
}

/// The same for what was opened already; `file` is what messages call it.
pub(in crate::capsule) fn walk_through(
    file: &Path,
    mut input: impl BufRead,
    limits: &Limits,
    visit: &mut Visit<'_>,
) -> Result<Manifest, CapsuleError> {
    let unreadable = |source| CapsuleError::Unreadable { path: file.to_owned(), source };
    let no_capsule =
        |problem: &str| CapsuleError::NoCapsule { path: file.to_owned(), problem: problem.to_owned() };
    match input.fill_buf().map_err(unreadable)? {
        [] => return Err(no_capsule("it is empty")),
        start if !GZIP.starts_with(&start[..start.len().min(2)]) => {
            return Err(no_capsule("it is not compressed with gzip"));
        }
        _ => {}
    }
    let mut archive = tar::Archive::new(Stream::new(input, limits.stream()));
    let mut walk = Walk { file, limits, seen: Vec::new(), names: HashSet::new(), total: 0, manifest: None };
    let walked = walk.entries(&mut archive, visit);
    let mut stream = archive.into_inner();
    match walked {
        // Whatever it was, this is the reason.
        Err(_) if stream.is_too_long() => return Err(walk.too_large("it unpacks to more than is allowed")),
        walked => walked?,
    }
    match stream.finish() {
        Ok(None) => {}
        Ok(Some(problem)) => return Err(walk.damaged(problem)),
        Err(error) => return Err(walk.damaged(format_args!("behind the last entry: {error}"))),
    }
    let Some(manifest) = walk.manifest.take() else {
        return Err(walk.damaged(format_args!("it ends without {MANIFEST}")));
    };
    compare(&manifest.files, &walk.seen).map_err(|problem| walk.damaged(problem))?;
    Ok(manifest)
}

fn open(file: &Path) -> Result<File, CapsuleError> {
    let unreadable = |source| CapsuleError::Unreadable { path: file.to_owned(), source };
    let opened = open_regular(file).map_err(unreadable)?;
    opened
        .map(|(input, _)| input)
        .ok_or_else(|| CapsuleError::NoCapsule { path: file.to_owned(), problem: "it is no file".to_owned() })
}

struct Walk<'w> {
    file: &'w Path,
    limits: &'w Limits,
    seen: Vec<Seen>,
    names: HashSet<String>,
    total: u64,
    manifest: Option<Manifest>,
}

impl Walk<'_> {
    fn entries<R: Read>(
        &mut self,
        archive: &mut tar::Archive<R>,
        visit: &mut Visit<'_>,
    ) -> Result<(), CapsuleError> {
        // Raw: extensions that change names, lengths, or kinds of entries are not interpreted but refused, except for
        // one, by which `tar` writes names that do not fit into a header.
        let entries = archive.entries().map_err(|error| self.broken(None, &error))?;
        let mut count = 0;
        let mut long_name: Option<String> = None;
        for entry in entries.raw(true) {
            let mut entry = entry.map_err(|error| self.broken(None, &error))?;
            let (kind, size) = (entry.header().entry_type(), entry.size());
            if kind.is_gnu_longname() && long_name.is_none() && count > 0 {
                long_name = Some(self.long_name(&mut entry, size)?);
                continue;
            }
            let name = match long_name.take() {
                Some(name) => name,
                None => String::from_utf8(entry.header().path_bytes().into_owned())
                    .map_err(|_| self.hostile("the name of an entry is no UTF-8"))?,
            };
            count += 1;
            if count == 1 {
                self.format(&name, kind, size, &mut entry)?;
                continue;
            }
            self.check(&name, kind, size, count)?;
            if name == MANIFEST {
                self.manifest = Some(self.read_manifest(size, &mut entry)?);
            } else {
                self.visit(name, size, &mut entry, visit)?;
            }
        }
        match long_name {
            Some(name) => Err(self.damaged(format_args!("{name:?} is announced and not there"))),
            // An empty gzip, for example.
            None if count == 0 => Err(self.no_capsule("it is empty")),
            None => Ok(()),
        }
    }

    /// Only what this version reads is read on.
    fn format(
        &self,
        name: &str,
        kind: tar::EntryType,
        size: u64,
        entry: &mut dyn Read,
    ) -> Result<(), CapsuleError> {
        if name != FORMAT || !kind.is_file() || size > LONGEST_FORMAT {
            return Err(self.no_capsule(format_args!("it does not begin with `{FORMAT}`")));
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).map_err(|error| self.broken(Some(FORMAT), &error))?;
        if text.len() as u64 != size {
            return Err(self.damaged(format_args!("{FORMAT:?} is shorter than it says")));
        }
        let number = text.strip_prefix(FORMAT_WORD).and_then(|rest| rest.strip_suffix('\n'));
        match number {
            Some(number) if number == NUMBER.to_string() => Ok(()),
            Some(number) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(CapsuleError::OtherFormat { path: self.file.to_owned(), format: number.to_owned() })
            }
            _ => Err(self.no_capsule(format_args!("its `{FORMAT}` says something else"))),
        }
    }

    fn long_name(&self, entry: &mut dyn Read, size: u64) -> Result<String, CapsuleError> {
        if size > LONGEST_NAME {
            return Err(self.hostile("the name of an entry is too long"));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| self.broken(None, &error))?;
        if bytes.last() == Some(&0) {
            bytes.pop();
        }
        String::from_utf8(bytes).map_err(|_| self.hostile("the name of an entry is no UTF-8"))
    }

    /// Everything that can be known of an entry before its content is read.
    fn check(
        &mut self,
        name: &str,
        kind: tar::EntryType,
        size: u64,
        count: usize,
    ) -> Result<(), CapsuleError> {
        if count > self.limits.entries {
            return Err(self.too_large(format_args!("it has more than {} entries", self.limits.entries)));
        }
        if let Some(problem) = bad_name(name) {
            return Err(self.hostile(format_args!("the name {name:?} {problem}")));
        }
        if !kind.is_file() {
            return Err(self.hostile(format_args!("{name:?} is no regular file")));
        }
        if self.manifest.is_some() {
            return Err(self.hostile(format_args!("{name:?} stands behind {MANIFEST}")));
        }
        if name == FORMAT || !self.names.insert(name.to_owned()) {
            return Err(self.hostile(format_args!("{name:?} is there twice")));
        }
        let limit = if name == MANIFEST { self.limits.manifest } else { self.limits.entry };
        if size > limit {
            return Err(self.too_large(format_args!("{name:?} has {size} bytes, and {limit} are allowed")));
        }
        self.total = self.total.saturating_add(size);
        if self.total > self.limits.total {
            let limit = self.limits.total;
            return Err(self.too_large(format_args!("with {name:?} there are more than {limit} bytes")));
        }
        Ok(())
    }

    fn visit(
        &mut self,
        name: String,
        bytes: u64,
        entry: &mut dyn Read,
        visit: &mut Visit<'_>,
    ) -> Result<(), CapsuleError> {
        let mut content = Content::new(entry, bytes);
        let visited = visit(&name, bytes, &mut content);
        if let Some(error) = content.failure() {
            return Err(self.broken(Some(&name), &error));
        }
        visited?;
        let sha256 = content.finish().map_err(|error| self.broken(Some(&name), &error))?;
        self.seen.push(Seen { name, bytes, sha256 });
        Ok(())
    }

    fn read_manifest(&self, size: u64, entry: &mut dyn Read) -> Result<Manifest, CapsuleError> {
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| self.broken(Some(MANIFEST), &error))?;
        if bytes.len() as u64 != size {
            return Err(self.damaged(format_args!("{MANIFEST:?} is shorter than it says")));
        }
        Manifest::parse(&bytes).map_err(|problem| self.damaged(format_args!("{MANIFEST:?}: {problem}")))
    }

    /// What an error of reading means.
    fn broken(&self, name: Option<&str>, error: &io::Error) -> CapsuleError {
        let place = match (name, self.seen.last()) {
            (Some(name), _) => format!("in {name:?}"),
            (None, Some(last)) => format!("behind {:?}", last.name),
            (None, None) => "at its start".to_owned(),
        };
        match error.kind() {
            ErrorKind::UnexpectedEof => self.damaged(format_args!("it ends {place}")),
            _ => self.damaged(format_args!("{place}: {error}")),
        }
    }

    fn no_capsule(&self, problem: impl std::fmt::Display) -> CapsuleError {
        CapsuleError::NoCapsule { path: self.file.to_owned(), problem: problem.to_string() }
    }

    fn damaged(&self, problem: impl std::fmt::Display) -> CapsuleError {
        CapsuleError::Damaged { path: self.file.to_owned(), problem: problem.to_string() }
    }

    fn hostile(&self, problem: impl std::fmt::Display) -> CapsuleError {
        CapsuleError::Hostile { path: self.file.to_owned(), problem: problem.to_string() }
    }

    fn too_large(&self, problem: impl std::fmt::Display) -> CapsuleError {
        CapsuleError::TooLarge { path: self.file.to_owned(), problem: problem.to_string() }
    }
}
