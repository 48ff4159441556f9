//! Ending a process that somebody else has started.

use std::io;

/// How a process is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// It is asked to, and may put its affairs in order: SIGTERM.
    Asked,
    /// It is not asked: SIGKILL.
    Killed,
}

/// A process by its id. Where the system can, this refers to that very process for good, also when its id is
/// given to another one.
#[derive(Debug)]
pub struct OtherProcess {
    pid: u32,
    #[cfg(target_os = "linux")]
    handle: Option<std::os::fd::OwnedFd>,
}

#[cfg(unix)]
impl OtherProcess {
    /// Refers to the process that has this id now; fails when there is none.
    pub fn open(pid: u32) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use rustix::io::Errno;
            use rustix::process::{PidfdFlags, pidfd_open};

            match pidfd_open(raw(pid)?, PidfdFlags::empty()) {
                Err(Errno::SRCH) => Err(Errno::SRCH.into()),
                // An old kernel, or a sandbox that does not know the call.
                handle => Ok(Self { pid, handle: handle.ok() }),
            }
        }
        #[cfg(not(target_os = "linux"))]
        {
            rustix::process::test_kill_process(raw(pid)?)?;
            Ok(Self { pid })
        }
    }

    /// Ends it. One that has ended already is no error.
    pub fn end(&self, ending: Ending) -> io::Result<()> {
        use rustix::io::Errno;
        use rustix::process::{Signal, kill_process};

        let signal = match ending {
            Ending::Asked => Signal::TERM,
            Ending::Killed => Signal::KILL,
        };
        #[cfg(target_os = "linux")]
        let sent = match &self.handle {
            Some(handle) => rustix::process::pidfd_send_signal(handle, signal),
            None => kill_process(raw(self.pid)?, signal),
        };
        #[cfg(not(target_os = "linux"))]
        let sent = kill_process(raw(self.pid)?, signal);
        match sent {
            Err(Errno::SRCH) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(unix)]
fn raw(pid: u32) -> io::Result<rustix::process::Pid> {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.ok_or_else(|| rustix::io::Errno::SRCH.into())
}

#[cfg(not(unix))]
impl OtherProcess {
    /// Refers to the process that has this id.
    pub fn open(pid: u32) -> io::Result<Self> {
        Ok(Self { pid })
    }

    /// Ends it, by way of the system's own program.
    pub fn end(&self, ending: Ending) -> io::Result<()> {
        use crate::platform::exec::{CommandLine, CommandRunner, SystemRunner};

        let forced: &[&str] = if ending == Ending::Killed { &["/F"] } else { &[] };
        let command = CommandLine::new("taskkill").args(["/PID", &self.pid.to_string()]).args(forced);
        let output = SystemRunner.run(&command).map_err(io::Error::other)?;
        if output.success() { Ok(()) } else { Err(io::Error::other(output.stderr.trim().to_owned())) }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;

    use super::*;

    #[test]
    fn ends_a_process_and_knows_when_it_is_gone() {
        for (ending, signal) in [(Ending::Asked, 15), (Ending::Killed, 9)] {
            #[expect(clippy::disallowed_methods, reason = "somebody has to start it")]
            let mut child =
                std::process::Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
            let other = OtherProcess::open(child.id()).unwrap();
            other.end(ending).unwrap();
            assert_eq!(child.wait().unwrap().signal(), Some(signal));
            other.end(ending).unwrap();
        }
        assert!(OtherProcess::open(0x7fff_fff0).is_err());
        assert!(OtherProcess::open(0).is_err());
    }
}
