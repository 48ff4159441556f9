//! Starting a program with a clean slate: own session, chosen descriptors and no others, default signals.
//!
//! The standard library's `Command` cannot do this: systemd's convention for inherited sockets wants the pid of
//! the new process in its own environment, which only the new process knows.

#![expect(unsafe_code, reason = "fork, and system calls between fork and exec")]

use std::ffi::CString;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

use nix::libc;
use nix::unistd::{ForkResult, fork};
use rustix::process::{Pid, WaitOptions, waitpid};

use crate::platform::net::{ENV_COUNT, ENV_NAMES, ENV_PID, FIRST_FD};

/// A program to start.
#[derive(Debug)]
pub(crate) struct Exec<'a> {
    /// The executable; not searched for.
    pub(crate) program: &'a Path,
    /// Its arguments, the program's own name included.
    pub(crate) arguments: &'a [String],
    /// Its whole environment, except what announces the sockets.
    pub(crate) env: &'a [(String, String)],
    /// Its working directory; `None` for the caller's.
    pub(crate) directory: Option<&'a Path>,
    /// Its standard input, output, and error.
    pub(crate) stdio: [OwnedFd; 3],
    /// Listening sockets, announced by systemd's convention.
    pub(crate) sockets: Vec<OwnedFd>,
    /// Name of every socket.
    pub(crate) socket_name: &'a str,
}

/// Why a program does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecError {
    /// A text holds a NUL byte.
    #[error("failed to start {0}: an argument or variable contains a NUL byte")]
    Nul(PathBuf),
    /// The working directory cannot be entered.
    #[error("failed to enter {0}: {1}")]
    Directory(PathBuf, io::Error),
    /// The program cannot be executed.
    #[error("failed to execute {0}: {1}")]
    Program(PathBuf, io::Error),
    /// The system refused anything else.
    #[error("failed to create a process: {0}")]
    Process(io::Error),
}

/// What the new process was doing when it failed; crosses a pipe as its number.
#[derive(Clone, Copy)]
enum Step {
    Prepare = 0,
    Directory = 1,
    Program = 2,
}

impl Exec<'_> {
    /// Starts the program and returns its pid once it runs. The descriptors are closed in this process.
    ///
    /// The new process leads its own session and group. On Linux it is killed when the thread that called this
    /// ends.
    pub(crate) fn start(self) -> Result<u32, ExecError> {
        let image = self.image().map_err(|_| ExecError::Nul(self.program.to_owned()))?;
        let (mut failure, report) = io::pipe().map_err(ExecError::Process)?;
        let descriptors: Vec<BorrowedFd<'_>> =
            self.stdio.iter().chain(&self.sockets).map(AsFd::as_fd).collect();
        let mut moved = vec![-1; descriptors.len()];
        let parent = rustix::process::getpid();
        // SAFETY: until it executes or exits, the new process only makes system calls: everything that needs
        // memory or a lock was prepared above.
        let child = match unsafe { fork() }.map_err(|error| ExecError::Process(error.into()))? {
            ForkResult::Child => image.become_it(parent, &descriptors, &mut moved, report.as_fd()),
            ForkResult::Parent { child } => child,
        };
        drop(report);
        let mut failed = [0; 8];
        // The pipe closes without a word when the program has replaced the new process.
        if failure.read_exact(&mut failed).is_err() {
            return Ok(child.as_raw().cast_unsigned());
        }
        // It has exited; without this it would stay a zombie.
        let _ = waitpid(Pid::from_raw(child.as_raw()), WaitOptions::empty());
        Err(self.failure(failed))
    }

    fn image(&self) -> Result<Image, std::ffi::NulError> {
        let arguments = self.arguments.iter().map(|text| CString::new(text.as_bytes()));
        let mut env: Vec<CString> = self
            .env
            .iter()
            .filter(|(name, _)| ![ENV_COUNT, ENV_NAMES, ENV_PID].contains(&name.as_str()))
            .map(|(name, value)| CString::new(format!("{name}={value}")))
            .collect::<Result<_, _>>()?;
        if !self.sockets.is_empty() {
            let names = vec![self.socket_name; self.sockets.len()].join(":");
            env.push(CString::new(format!("{ENV_COUNT}={}", self.sockets.len()))?);
            env.push(CString::new(format!("{ENV_NAMES}={names}"))?);
        }
        Ok(Image::new(
            CString::new(self.program.as_os_str().as_bytes())?,
            arguments.collect::<Result<_, _>>()?,
            env,
            self.directory.map(|path| CString::new(path.as_os_str().as_bytes())).transpose()?,
            !self.sockets.is_empty(),
        ))
    }

    fn failure(&self, [s0, s1, s2, s3, e0, e1, e2, e3]: [u8; 8]) -> ExecError {
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes([e0, e1, e2, e3]));
        match (i32::from_ne_bytes([s0, s1, s2, s3]), self.directory) {
            (step, Some(directory)) if step == Step::Directory as i32 => {
                ExecError::Directory(directory.to_owned(), error)
            }
            (step, _) if step == Step::Program as i32 => ExecError::Program(self.program.to_owned(), error),
            _ => ExecError::Process(error),
        }
    }
}

/// Bytes of the variable that holds the pid: its name, `=`, ten digits, and the end.
const PID_VARIABLE: usize = ENV_PID.len() + 12;

/// Highest number of a classic signal. Nothing here touches real-time signals.
const LAST_SIGNAL: i32 = 31;

/// How often a program that somebody has open for writing is tried again, and the pause between: two seconds. A
/// build is complete before that: what it started in the middle of its writing holds the file for a moment longer.
const BUSY_TRIES: u32 = 1000;
const BUSY_PAUSE: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 2_000_000 };

/// Everything that exec needs, laid out before the fork.
struct Image {
    program: CString,
    directory: Option<CString>,
    /// Pointers into `texts`, null at the end.
    arguments: Vec<*const libc::c_char>,
    /// Pointers into `texts`; before the null at the end one free place for the pid.
    env: Vec<*const libc::c_char>,
    announce_pid: bool,
    _texts: Vec<CString>,
}

impl Image {
    fn new(
        program: CString,
        arguments: Vec<CString>,
        env: Vec<CString>,
        directory: Option<CString>,
        announce_pid: bool,
    ) -> Self {
        let pointers = |texts: &[CString]| texts.iter().map(|text| text.as_ptr()).collect::<Vec<_>>();
        let mut argument_pointers = pointers(&arguments);
        argument_pointers.push(ptr::null());
        let mut env_pointers = pointers(&env);
        env_pointers.extend([ptr::null(), ptr::null()]);
        let texts = arguments.into_iter().chain(env).collect();
        Self {
            program,
            directory,
            arguments: argument_pointers,
            env: env_pointers,
            announce_pid,
            _texts: texts,
        }
    }

    /// Turns this process into the program. Runs between fork and exec: system calls only.
    fn become_it(
        mut self,
        parent: Pid,
        descriptors: &[BorrowedFd<'_>],
        moved: &mut [RawFd],
        report: BorrowedFd<'_>,
    ) -> ! {
        let ((step, error), report) = match detach(parent).and_then(|()| place(descriptors, moved, report)) {
            Err(error) => ((Step::Prepare, error), report.as_raw_fd()),
            Ok(report) => (self.execute(), report),
        };
        let mut failed = [0; 8];
        failed[..4].copy_from_slice(&(step as i32).to_ne_bytes());
        failed[4..].copy_from_slice(&error.raw_os_error().unwrap_or(0).to_ne_bytes());
        // SAFETY: both are plain system calls on valid arguments; `_exit` runs nothing of the parent's.
        unsafe {
            libc::write(report, failed.as_ptr().cast(), failed.len());
            libc::_exit(127)
        }
    }

    /// Returns only when it failed.
    fn execute(&mut self) -> (Step, io::Error) {
        if let Some(directory) = &self.directory
            // SAFETY: the path ends with NUL.
            && unsafe { libc::chdir(directory.as_ptr()) } != 0
        {
            return (Step::Directory, io::Error::last_os_error());
        }
        let mut pid_variable = [0; PID_VARIABLE];
        if self.announce_pid {
            write_pid_variable(&mut pid_variable, std::process::id());
            let free = self.env.len() - 2;
            self.env[free] = pid_variable.as_ptr().cast();
        }
        let mut tries = 0;
        loop {
            // SAFETY: both arrays end with null and point to texts that end with NUL and outlive the call.
            unsafe { libc::execve(self.program.as_ptr(), self.arguments.as_ptr(), self.env.as_ptr()) };
            let error = io::Error::last_os_error();
            tries += 1;
            if error.raw_os_error() != Some(libc::ETXTBSY) || tries > BUSY_TRIES {
                return (Step::Program, error);
            }
            // SAFETY: a valid span, and nowhere to put the rest of it.
            unsafe { libc::nanosleep(&BUSY_PAUSE, ptr::null_mut()) };
        }
    }
}

/// Leaves the parent's session, ties the life of this process to the parent's, and forgets its signal settings.
fn detach(parent: Pid) -> io::Result<()> {
    rustix::process::setsid()?;
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the line above.
        if getppid() != Some(parent) {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
    }
    let _ = parent;
    for signal in 1..=LAST_SIGNAL {
        // SAFETY: the default disposition runs no code. SIGKILL and SIGSTOP refuse, harmlessly.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: a zeroed set is a valid argument of `sigemptyset`, which makes it a valid mask.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
    }
    Ok(())
}

/// Puts the descriptors at 0, 1, 2, 3, …, in order, and closes all others on exec. Returns where `report` is now.
fn place(descriptors: &[BorrowedFd<'_>], moved: &mut [RawFd], report: BorrowedFd<'_>) -> io::Result<RawFd> {
    let first_free = FIRST_FD + i32::try_from(descriptors.len()).unwrap_or(0).saturating_sub(3);
    // First out of the way of each other, all of them, then to their places.
    let away = |descriptor: RawFd| {
        // SAFETY: duplicates an open descriptor.
        checked(unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, first_free) })
    };
    let report = away(report.as_raw_fd())?;
    for (descriptor, moved) in descriptors.iter().zip(moved.iter_mut()) {
        *moved = away(descriptor.as_raw_fd())?;
    }
    for (place, moved) in (0..).zip(moved.iter()) {
        // SAFETY: whatever is open at this place belongs to the parent's image and ends here; the copies that
        // are still needed lie above all places.
        checked(unsafe { libc::dup2(*moved, place) })?;
    }
    close_from(first_free);
    Ok(report)
}

/// Marks everything from `first` on as closed on exec, should anybody have forgotten to.
#[cfg(target_os = "linux")]
fn close_from(first: RawFd) {
    // SAFETY: only sets flags, on descriptors that nothing uses after the exec. Old kernels refuse; then the
    // flags that every descriptor of ours is opened with must do.
    unsafe { libc::syscall(libc::SYS_close_range, first, i32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}

#[cfg(not(target_os = "linux"))]
fn close_from(_first: RawFd) {}

fn checked(result: i32) -> io::Result<i32> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// Writes `LISTEN_PID=<pid>` and NUL without allocating.
fn write_pid_variable(variable: &mut [u8; PID_VARIABLE], pid: u32) {
    let name = ENV_PID.as_bytes();
    variable[..name.len()].copy_from_slice(name);
    variable[name.len()] = b'=';
    let digits = pid.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut rest = pid;
    for place in (0..digits).rev() {
        variable[name.len() + 1 + place] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    variable[name.len() + 1 + digits] = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pid: u32, expect: &[u8]) {
        let mut variable = [0xff; PID_VARIABLE];
        write_pid_variable(&mut variable, pid);
        assert_eq!(variable.split_inclusive(|byte| *byte == 0).next().unwrap(), expect);
    }

    #[test]
    fn the_pid_fits_at_every_length() {
        check(1, b"LISTEN_PID=1\0");
        check(4096, b"LISTEN_PID=4096\0");
        check(u32::MAX, b"LISTEN_PID=4294967295\0");
    }
}
