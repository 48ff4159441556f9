//! Facts about files that the standard library does not offer alike everywhere: the clock of file times,
//! identities, mounts that report no changes, and limits of the kernel.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Whether the system says when a writer closes a file. Where it does not, every write counts as the last one.
pub const REPORTS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// A moment on the clock that stamps files, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(i128);

impl Stamp {
    /// Before every file.
    pub const MIN: Self = Self(i128::MIN);

    /// Now, as a file that is written at this moment would be stamped. That clock moves in ticks of some
    /// milliseconds, so a file with this very stamp may be older or newer.
    pub fn now() -> Self {
        now()
    }

    /// The moment of the last change to the content or the attributes of a file.
    pub fn changed(metadata: &Metadata) -> Self {
        changed(metadata)
    }

    /// The moment of the last change to the content as the file claims it; anyone can set it.
    pub fn modified(metadata: &Metadata) -> Self {
        metadata.modified().map_or(Self::MIN, from_system)
    }

    /// An earlier moment.
    #[must_use]
    pub fn minus(self, span: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i128::try_from(span.as_nanos()).unwrap_or(i128::MAX)))
    }

    /// The moment so many nanoseconds after 1970.
    pub fn from_nanoseconds(nanoseconds: i128) -> Self {
        Self(nanoseconds)
    }

    /// Nanoseconds since 1970.
    pub fn nanoseconds(self) -> i128 {
        self.0
    }
}

/// What makes a file or directory the same one under another name: two numbers that no other has at the same time.
pub type Identity = (u64, u64);

/// The identity of what a path leads to; links are followed.
pub fn identity(path: &Path) -> io::Result<Identity> {
    let metadata = fs::metadata(path)?;
    identify(path, &metadata)
}

/// Whether files can be made in a directory, as far as the system tells beforehand. Where it is not asked, they can.
pub fn takes_files(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    rustix::fs::access(directory, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
    #[cfg(not(unix))]
    let _ = directory;
    Ok(())
}

/// Opens a regular file for reading, or says that it is none. Never blocks on a pipe, never opens a device.
pub fn open_regular(path: &Path) -> io::Result<Option<(File, Metadata)>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    // Between the look and the opening a pipe may have taken the place.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nonblocking());
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// Whether a file has more than one name, as a hard link has at the moment it appears.
pub fn has_other_names(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::nlink(metadata) > 1;
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        false
    };
}

/// The permissions of a file when users who are neither its owner nor of its group may read or change it.
pub fn mode_for_everybody(metadata: &Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
        (mode & 0o006 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// The number that the system gives a file; zero where it gives none.
pub fn number(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    return {
        let _ = metadata;
        0
    };
}

/// Whether an error says that the kernel's table of watches is full.
pub fn is_watch_limit(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::NOSPC.raw_os_error());
    #[cfg(not(unix))]
    return {
        let _ = error;
        false
    };
}

/// Whether an error says that no further watcher or descriptor may be opened.
pub fn is_descriptor_limit(error: &io::Error) -> bool {
    #[cfg(unix)]
    return [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
    #[cfg(not(unix))]
    return {
        let _ = error;
        false
    };
}

/// The value of a kernel parameter by its dotted name, for example `fs.inotify.max_user_watches`.
pub fn kernel_parameter(name: &str) -> Option<u64> {
    let path = Path::new("/proc/sys").join(name.replace('.', "/"));
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The kind of file system below `path` when it is one on which changes by others are not reported.
pub fn silent_file_system(path: &Path) -> Option<&'static str> {
    silent(path)
}

fn from_system(time: std::time::SystemTime) -> Stamp {
    let nanoseconds = |span: std::time::Duration| i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => Stamp(nanoseconds(after)),
        Err(before) => Stamp(-nanoseconds(before.duration())),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn now() -> Stamp {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
    Stamp(i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn now() -> Stamp {
    // The coarsest clock that stamps files elsewhere moves about every 16 ms.
    from_system(std::time::SystemTime::now()).minus(std::time::Duration::from_millis(20))
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    Stamp(i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> Stamp {
    Stamp::modified(metadata)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the path has to be asked again")]
fn identify(_path: &Path, metadata: &Metadata) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identify(path: &Path, _metadata: &Metadata) -> io::Result<Identity> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    fs::canonicalize(path)?.hash(&mut hasher);
    Ok((0, hasher.finish()))
}

#[cfg(unix)]
fn nonblocking() -> i32 {
    rustix::fs::OFlags::NONBLOCK.bits().cast_signed()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn silent(path: &Path) -> Option<&'static str> {
    // Numbers of statfs(2) and of the kernel's magic.h.
    let magic = u32::try_from(rustix::fs::statfs(path).ok()?.f_type).ok()?;
    Some(match magic {
        0x6969 => "nfs",
        0x517b | 0xfe53_4d42 | 0xff53_4d42 => "a Windows share",
        0x0102_1997 => "9p",
        0x6573_5546 => "fuse",
        0x786f_4256 => "a VirtualBox share",
        0x00c3_6400 => "ceph",
        0x5346_414f | 0x6b41_4653 => "afs",
        0x7375_7245 => "coda",
        0x0116_1970 => "gfs2",
        0x7461_636f => "ocfs2",
        0x0bd0_0bd3 => "lustre",
        0x4750_4653 => "gpfs",
        _ => return None,
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn silent(_path: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_after_the_mark_is_not_older_than_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        for round in 0..200 {
            let mark = Stamp::now();
            fs::write(&path, [round]).unwrap();
            let metadata = fs::metadata(&path).unwrap();
            assert!(Stamp::changed(&metadata) >= mark, "round {round}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_never_opened() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        #[expect(clippy::disallowed_methods, reason = "no call for this exists on every system")]
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(open_regular(&path).unwrap().is_none());
    }
}
