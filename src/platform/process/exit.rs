//! How a process ended.

use std::fmt;
use std::process::ExitStatus;

use serde::{Deserialize, Serialize};

/// How a process ended: by itself with a code, or by a signal; both are absent when nobody can know any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExitReport {
    /// The code, when it ended by itself.
    pub code: Option<i32>,
    /// Number of the signal that ended it.
    pub signal: Option<i32>,
    /// Whether the system wrote a core file.
    #[serde(default)]
    pub core: bool,
}

impl ExitReport {
    /// The exit code as shells tell it: 128 more than the number of the signal that ended it. `None` when it is not
    /// known, or none of this system's.
    pub fn shell_code(&self) -> Option<u8> {
        match (self.code, self.signal) {
            (Some(code), _) => u8::try_from(code).ok(),
            (None, signal) => signal.and_then(|signal| u8::try_from(signal).ok()?.checked_add(128)),
        }
    }
}

impl fmt::Display for ExitReport {
    /// Completes "the gateway ended with …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "exit code {code}")?,
            (None, Some(signal)) => match name(signal) {
                Some(name) => write!(f, "signal {signal} ({name})")?,
                None => write!(f, "signal {signal}")?,
            },
            (None, None) => f.write_str("unknown exit status")?,
        }
        if self.core { f.write_str(", core dumped") } else { Ok(()) }
    }
}

impl From<ExitStatus> for ExitReport {
    #[cfg(unix)]
    fn from(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self { code: status.code(), signal: status.signal(), core: status.core_dumped() }
    }

    #[cfg(not(unix))]
    fn from(status: ExitStatus) -> Self {
        Self { code: status.code(), signal: None, core: false }
    }
}

#[cfg(unix)]
fn name(signal: i32) -> Option<&'static str> {
    nix::sys::signal::Signal::try_from(signal).ok().map(nix::sys::signal::Signal::as_str)
}

#[cfg(not(unix))]
fn name(_signal: i32) -> Option<&'static str> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: Option<i32>, signal: Option<i32>, expect: &str) {
        assert_eq!(ExitReport { code, signal, core: signal == Some(11) }.to_string(), expect);
    }

    #[test]
    fn reads_like_a_sentence() {
        check(Some(3), None, "exit code 3");
        check(None, Some(9), "signal 9 (SIGKILL)");
        check(None, Some(11), "signal 11 (SIGSEGV), core dumped");
        check(None, Some(60), "signal 60");
        check(None, None, "unknown exit status");
    }
}
