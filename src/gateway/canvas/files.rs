//! What lies below the root. Blocks.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::page;
use crate::platform::fs::Stamp;
use crate::platform::real_path::real_path;
use crate::platform::{beneath, fs};

/// Files up to this size are read at once.
const AT_ONCE: u64 = 256 * 1024;

/// Larger pages are served as they are, without a script.
const LARGEST_PAGE: u64 = 8 * 1024 * 1024;

/// The page of a directory.
const INDEX: &str = "index.html";

/// Where files are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The directory.
    pub(crate) root: PathBuf,
    /// What links must not lead the root out of.
    pub(crate) within: Option<PathBuf>,
    /// Whether pages get a script that reloads them.
    pub(crate) live_reload: bool,
    /// What is shown for a root without a page of its own.
    pub(crate) empty: Option<&'static str>,
}

/// What a request finds.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// A file.
    Found(Served),
    /// Nothing that is served.
    Nothing,
    /// The root is where it must not be.
    Outside,
    /// The system refused.
    Failed(io::Error),
}

/// A file to be served.
#[derive(Debug)]
pub(crate) struct Served {
    /// Its name, which says what it is.
    pub(crate) name: PathBuf,
    pub(crate) content: Content,
}

/// What is in it.
#[derive(Debug)]
pub(crate) enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// What is read while it is sent, with its length.
    Open(File, u64),
}

/// Looks for the file that `relative` names; with `is_directory` the path ended with a slash.
pub(crate) fn look_up(source: &Source, relative: &Path, is_directory: bool) -> Lookup {
    let is_outside =
        source.within.as_ref().is_some_and(|within| !real_path(&source.root).starts_with(real_path(within)));
    if is_outside {
        return Lookup::Outside;
    }
    // Before anything is read.
    let seen = Stamp::now();
    find(source, relative, is_directory, seen).unwrap_or_else(Lookup::Failed)
}

fn find(source: &Source, relative: &Path, is_directory: bool, seen: Stamp) -> io::Result<Lookup> {
    let is_root = relative.as_os_str().is_empty();
    if !is_root {
        match open(&source.root, relative)? {
            Entry::File(file, length) if !is_directory => return serve(source, relative, file, length, seen),
            // With the slash or without, as in the published gateway.
            Entry::Other => {}
            Entry::File(..) | Entry::Nothing => return Ok(Lookup::Nothing),
        }
    }
    let index = relative.join(INDEX);
    match open(&source.root, &index)? {
        Entry::File(file, length) => serve(source, &index, file, length, seen),
        Entry::Other | Entry::Nothing => Ok(match source.empty.filter(|_| is_root) {
            Some(page) => Lookup::Found(Served {
                name: INDEX.into(),
                content: Content::Whole(dress(source, page.as_bytes().to_vec(), seen)),
            }),
            None => Lookup::Nothing,
        }),
    }
}

/// What is at a path below a root.
enum Entry {
    /// A regular file, with its length.
    File(File, u64),
    /// Something else, perhaps a directory.
    Other,
    /// Nothing, or what a link leads out to.
    Nothing,
}

fn open(root: &Path, relative: &Path) -> io::Result<Entry> {
    match beneath::open(root, relative) {
        Ok(Some((file, metadata))) => Ok(Entry::File(file, metadata.len())),
        Ok(None) => Ok(Entry::Other),
        Err(error) if fs::is_descriptor_limit(&error) => Err(error),
        Err(error) => {
            // Usually nothing is there; what else it is, strangers are not told.
            tracing::debug!(%error, path = %relative.display(), "not served");
            Ok(Entry::Nothing)
        }
    }
}

fn serve(source: &Source, name: &Path, file: File, length: u64, seen: Stamp) -> io::Result<Lookup> {
    let is_page = is_page(name) && length <= LARGEST_PAGE;
    let content = if is_page || length <= AT_ONCE {
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        // Whoever writes to it while it is read does not make it longer than it was.
        file.take(length).read_to_end(&mut bytes)?;
        Content::Whole(if is_page { dress(source, bytes, seen) } else { bytes })
    } else {
        Content::Open(file, length)
    };
    Ok(Lookup::Found(Served { name: name.to_owned(), content }))
}

fn dress(source: &Source, page: Vec<u8>, seen: Stamp) -> Vec<u8> {
    if source.live_reload { page::with_script(&page, seen.nanoseconds()) } else { page }
}

fn is_page(name: &Path) -> bool {
    name.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn source(root: &Path) -> Source {
        Source { root: root.to_owned(), within: None, live_reload: false, empty: Some("empty") }
    }

    /// What is found, in a word or two.
    fn word(source: &Source, relative: &str, is_directory: bool) -> String {
        match look_up(source, Path::new(relative), is_directory) {
            Lookup::Found(Served { name, content: Content::Whole(bytes) }) => {
                format!("{} {}", name.display(), String::from_utf8_lossy(&bytes))
            }
            Lookup::Found(Served { content: Content::Open(_, length), .. }) => format!("{length} bytes"),
            Lookup::Nothing => "nothing".to_owned(),
            Lookup::Outside => "outside".to_owned(),
            Lookup::Failed(error) => error.to_string(),
        }
    }

    #[test]
    fn directories_have_pages() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path();
        let source = source(root);
        assert_eq!(word(&source, "", true), "index.html empty");
        assert_eq!(word(&source, "", false), "index.html empty");
        assert_eq!(word(&Source { empty: None, ..source.clone() }, "", true), "nothing");
        fs::create_dir_all(root.join("with")).unwrap();
        fs::create_dir_all(root.join("without")).unwrap();
        fs::write(root.join("index.html"), "mine").unwrap();
        fs::write(root.join("with/index.html"), "page").unwrap();
        fs::write(root.join("large.bin"), vec![0; 300 * 1024]).unwrap();
        for (relative, is_directory, expected) in [
            ("", true, "index.html mine"),
            ("", false, "index.html mine"),
            ("with", true, "with/index.html page"),
            ("with", false, "with/index.html page"),
            ("without", true, "nothing"),
            ("without", false, "nothing"),
            ("with/index.html", false, "with/index.html page"),
            ("with/index.html", true, "nothing"),
            ("large.bin", false, "307200 bytes"),
            ("none", false, "nothing"),
        ] {
            assert_eq!(word(&source, relative, is_directory), expected, "{relative} {is_directory}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_root_that_leads_out_is_not_served() {
        let scratch = tempfile::tempdir().unwrap();
        let (workspace, other) = (scratch.path().join("dev"), scratch.path().join("production"));
        for directory in [&workspace, &other] {
            fs::create_dir(directory).unwrap();
        }
        fs::write(other.join("index.html"), "private").unwrap();
        std::os::unix::fs::symlink(&other, workspace.join("canvas")).unwrap();
        let inside = Source { within: Some(workspace.clone()), ..source(&workspace.join("canvas")) };
        assert_eq!(word(&inside, "", true), "outside");
        let missing = Source { within: Some(workspace.clone()), ..source(&workspace.join("none")) };
        assert_eq!(word(&missing, "", true), "index.html empty");
    }

    #[test]
    fn pages_get_their_script() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("a.HTML"), "<body></body>").unwrap();
        fs::write(scratch.path().join("a.txt"), "<body></body>").unwrap();
        let source = Source { live_reload: true, ..source(scratch.path()) };
        assert!(word(&source, "a.HTML", false).contains("WebSocket"));
        assert_eq!(word(&source, "a.txt", false), "a.txt <body></body>");
    }
}
