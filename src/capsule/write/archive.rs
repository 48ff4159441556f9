//! Entries → the file. The same entries give the same bytes.

use std::io::{self, Read, Write};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use crate::auth::device::hex;
use crate::capsule::format::{FORMAT, FORMAT_WORD, MANIFEST, NUMBER};
use crate::capsule::manifest::{Entry, Manifest};

/// More than this is compressed quickly instead of well.
const QUICK: u64 = 64 << 20;

/// Writes a capsule entry by entry; nothing of an entry is kept in memory.
pub struct Writer<W: Write> {
    archive: tar::Builder<GzEncoder<W>>,
    files: Vec<Entry>,
}

impl<W: Write> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl<W: Write> Writer<W> {
    /// Begins one whose entries will have about so many bytes.
    pub fn begin(output: W, bytes: u64) -> io::Result<Self> {
        let level = if bytes > QUICK { Compression::fast() } else { Compression::default() };
        // No time and no system in the header.
        let encoder = GzBuilder::new().operating_system(255).write(output, level);
        let mut writer = Self { archive: tar::Builder::new(encoder), files: Vec::new() };
        let format = format!("{FORMAT_WORD}{NUMBER}\n");
        writer.append(FORMAT, format.len() as u64, &mut format.as_bytes())?;
        Ok(writer)
    }

    /// Adds an entry of this many bytes. It is an error when `content` has fewer.
    pub fn add(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> io::Result<()> {
        let sha256 = self.append(name, bytes, content)?;
        self.files.push(Entry { path: name.to_owned(), bytes, sha256 });
        Ok(())
    }

    /// Adds the manifest, whose list of files is made from what was added, and ends the capsule.
    pub fn finish(mut self, manifest: &Manifest) -> io::Result<(Manifest, W)> {
        let manifest = Manifest { files: std::mem::take(&mut self.files), ..manifest.clone() };
        let mut text = serde_json::to_string_pretty(&manifest)?;
        text.push('\n');
        self.append(MANIFEST, text.len() as u64, &mut text.as_bytes())?;
        let output = self.archive.into_inner()?.finish()?;
        Ok((manifest, output))
    }

    fn append(&mut self, name: &str, bytes: u64, content: &mut dyn Read) -> io::Result<String> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        let mut hashed = Hashed { content: content.take(bytes), hasher: Sha256::new(), bytes: 0 };
        self.archive.append_data(&mut header, name, &mut hashed)?;
        if hashed.bytes != bytes {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter"));
        }
        Ok(hex(&hashed.hasher.finalize()))
    }
}

/// A reader that hashes what it reads.
struct Hashed<R> {
    content: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
