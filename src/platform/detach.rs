//! Leaving the console: for a process that nobody watches.

use std::fs::File;
use std::io;

/// Lets go of the console, whose window then closes when nobody else is in it, and has standard output and standard
/// error go to files.
pub fn into_files(stdout: Option<File>, stderr: Option<File>) -> io::Result<()> {
    #[cfg(unix)]
    return unix(stdout, stderr);
    #[cfg(windows)]
    return windows::detach(stdout, stderr);
}

#[cfg(unix)]
fn unix(stdout: Option<File>, stderr: Option<File>) -> io::Result<()> {
    if let Some(file) = stdout {
        nix::unistd::dup2_stdout(file)?;
    }
    if let Some(file) = stderr {
        nix::unistd::dup2_stderr(file)?;
    }
    Ok(())
}

#[cfg(windows)]
mod windows {
    #![expect(unsafe_code, reason = "the Windows API")]

    use std::fs::File;
    use std::io;
    use std::os::windows::io::IntoRawHandle;

    use windows_sys::Win32::System::Console::{
        FreeConsole, STD_ERROR_HANDLE, STD_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
    };

    pub(super) fn detach(stdout: Option<File>, stderr: Option<File>) -> io::Result<()> {
        // SAFETY: it takes nothing. Its failure means that there is no console.
        unsafe { FreeConsole() };
        set(STD_OUTPUT_HANDLE, stdout)?;
        set(STD_ERROR_HANDLE, stderr)
    }

    fn set(which: STD_HANDLE, file: Option<File>) -> io::Result<()> {
        let Some(file) = file else { return Ok(()) };
        // SAFETY: the handle is open, and stays open for as long as the process lives.
        match unsafe { SetStdHandle(which, file.into_raw_handle()) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}
