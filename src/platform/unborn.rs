//! A file that has no name until it is whole: whatever ends the program before that, nothing is left behind.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file to be. Gone when dropped.
#[derive(Debug)]
pub struct Unborn {
    path: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// Without a name.
    #[cfg(target_os = "linux")]
    Nameless(File),
    /// Where a file cannot be without a name it has another one.
    Beside(tempfile::NamedTempFile),
}

impl Unborn {
    /// A file that will appear at `path`, for its user alone.
    pub fn new(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(Self { path: path.to_owned(), content: content(path, folder)? })
    }

    /// What it holds so far.
    pub fn file(&self) -> &File {
        match &self.content {
            #[cfg(target_os = "linux")]
            Content::Nameless(file) => file,
            Content::Beside(file) => file.as_file(),
        }
    }

    /// Writes it out and gives it its name. A file that is there by now is an error of kind `AlreadyExists`.
    pub fn appear(self) -> io::Result<()> {
        self.file().sync_all()?;
        match self.content {
            #[cfg(target_os = "linux")]
            Content::Nameless(file) => link(&file, &self.path),
            Content::Beside(file) => {
                file.persist_noclobber(&self.path).map(drop).map_err(|failed| failed.error)
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn content(path: &Path, folder: &Path) -> io::Result<Content> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    match rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(Content::Nameless(file.into())),
        // Not every file system can do it, and some say so in odd ways. If the reason is another one it holds here too.
        Err(_) => beside(path, folder).map(Content::Beside),
    }
}

#[cfg(not(target_os = "linux"))]
fn content(path: &Path, folder: &Path) -> io::Result<Content> {
    beside(path, folder).map(Content::Beside)
}

fn beside(path: &Path, folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    tempfile::Builder::new().prefix(&prefix).suffix(".tmp").tempfile_in(folder)
}

#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, linkat};
    // The other way needs a privilege.
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn it_appears_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        let names = || fs::read_dir(place.path()).unwrap().count();
        let unborn = Unborn::new(&path).unwrap();
        unborn.file().write_all(b"text").unwrap();
        assert!(!path.exists());
        drop(unborn);
        assert_eq!(names(), 0);
        let unborn = Unborn::new(&path).unwrap();
        unborn.file().write_all(b"text").unwrap();
        unborn.appear().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"text");
        let second = Unborn::new(&path).unwrap();
        assert_eq!(second.appear().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let beside =
            Unborn { content: Content::Beside(beside(&path, place.path()).unwrap()), path: path.clone() };
        assert_eq!(beside.appear().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&path).unwrap(), names()), (b"text".to_vec(), 1));
        assert_eq!(Unborn::new(&place.path().join("no/file")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
