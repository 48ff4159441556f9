//! Standard input as a stream of a runtime, and standard output as a pipe to the parent.

use std::io::{self, Write};

use tokio::io::AsyncRead;

/// Standard input, when it is a pipe that this process alone reads.
#[cfg(unix)]
pub fn stdin() -> io::Result<Box<dyn AsyncRead + Unpin>> {
    use std::os::fd::AsFd;

    let own = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(Box::new(tokio::net::unix::pipe::Receiver::from_owned_fd(own)?))
}

/// Standard input, read by a thread of the runtime.
#[cfg(not(unix))]
pub fn stdin() -> io::Result<Box<dyn AsyncRead + Unpin>> {
    Ok(Box::new(tokio::io::stdin()))
}

/// Standard input, output, and error of this process, to be handed to another one.
#[cfg(unix)]
pub fn own() -> io::Result<[std::os::fd::OwnedFd; 3]> {
    use std::os::fd::AsFd;

    Ok([
        io::stdin().as_fd().try_clone_to_owned()?,
        io::stdout().as_fd().try_clone_to_owned()?,
        io::stderr().as_fd().try_clone_to_owned()?,
    ])
}

/// Writes to standard output at once, when it is a pipe that the parent reads.
pub fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
