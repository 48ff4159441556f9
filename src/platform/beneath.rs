//! Opening a file below a directory, and nothing else, wherever symbolic links lead.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::fs;

/// Opens the regular file `relative` below `root` for reading. A link that leads out of `root` is refused
/// ([`ErrorKind::PermissionDenied`]), also when it is made while the file is being opened. `None` for what is there and
/// is no regular file.
pub fn open(root: &Path, relative: &Path) -> io::Result<Option<(File, Metadata)>> {
    match open_at_once(root, relative) {
        // A link by an absolute path may lead to a place below the root; the kernel follows none.
        Err(error) if is_undecided(&error) => open_after_a_look(root, relative),
        opened => opened,
    }
}

/// In one step, by the kernel.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_at_once(root: &Path, relative: &Path) -> io::Result<Option<(File, Metadata)>> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
    let directory = openat(CWD, root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    // Not to wait for whoever writes to a pipe.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let file = File::from(openat2(&directory, relative, flags, Mode::empty(), resolve)?);
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn open_at_once(_root: &Path, _relative: &Path) -> io::Result<Option<(File, Metadata)>> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether the system cannot open it in one step, or has met a link that it does not follow.
fn is_undecided(error: &io::Error) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::io::Errno;
        [Errno::NOSYS, Errno::PERM, Errno::XDEV, Errno::AGAIN]
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        error.kind() == ErrorKind::Unsupported
    }
}

fn open_after_a_look(root: &Path, relative: &Path) -> io::Result<Option<(File, Metadata)>> {
    let real = std::fs::canonicalize(root.join(relative))?;
    if !real.starts_with(std::fs::canonicalize(root)?) {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "a link leads out of the directory"));
    }
    fs::open_regular(&real)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_lies_below_is_opened() {
        let scratch = tempfile::tempdir().unwrap();
        let (root, outside) = (scratch.path().join("root"), scratch.path().join("outside"));
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/file"), "inside").unwrap();
        std::fs::write(&outside, "outside").unwrap();
        symlink("sub/file", root.join("near")).unwrap();
        symlink(root.join("sub/file"), root.join("absolute")).unwrap();
        symlink("../outside", root.join("out")).unwrap();
        symlink(&outside, root.join("far")).unwrap();
        symlink(scratch.path(), root.join("up")).unwrap();
        for opener in [open, open_after_a_look] {
            for (name, expected) in [
                ("sub/file", Ok("inside")),
                ("near", Ok("inside")),
                ("absolute", Ok("inside")),
                ("out", Err(ErrorKind::PermissionDenied)),
                ("far", Err(ErrorKind::PermissionDenied)),
                ("up/outside", Err(ErrorKind::PermissionDenied)),
                ("missing", Err(ErrorKind::NotFound)),
            ] {
                let opened = opener(&root, Path::new(name)).map(|opened| {
                    let mut text = String::new();
                    opened.unwrap().0.read_to_string(&mut text).unwrap();
                    text
                });
                let expected = expected.map(str::to_owned);
                assert_eq!(opened.map_err(|error| error.kind()), expected, "{name}");
            }
            assert!(opener(&root, Path::new("sub")).unwrap().is_none());
        }
    }
}
