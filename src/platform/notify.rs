//! The receiving end of what a service tells its manager (`sd_notify(3)`): a datagram socket for each service.

use std::io;
#[cfg(unix)]
use std::path::Path;

/// What tells a process where its manager listens.
pub const ENV_SOCKET: &str = "NOTIFY_SOCKET";

/// Longest message; longer ones are cut.
#[cfg(unix)]
const LONGEST: usize = 4096;

/// The socket of one service, in a directory of its own, which goes with it. A name without a file would leave nothing
/// behind either, but many programs know only paths.
#[cfg(unix)]
#[derive(Debug)]
pub struct Notified {
    socket: tokio::net::UnixDatagram,
    name: String,
    directory: tempfile::TempDir,
}

#[cfg(unix)]
impl Notified {
    /// Binds one that nobody else knows of. Must run inside a runtime.
    pub fn bind() -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("clawdbot-notify-").tempdir()?;
        let path = directory.path().join("socket");
        let socket = tokio::net::UnixDatagram::bind(&path)?;
        Ok(Self { socket, name: path.to_string_lossy().into_owned(), directory })
    }

    /// Its directory, for whoever is there when this process is not any more.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The value of [`ENV_SOCKET`] for the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the service says that it is ready. Cancel-safe.
    pub async fn ready(&self) -> io::Result<()> {
        let mut message = [0; LONGEST];
        loop {
            let length = self.socket.recv(&mut message).await?;
            if message[..length].split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
                return Ok(());
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ready_is_heard_among_other_words() {
        let notified = Notified::bind().unwrap();
        let env = [(ENV_SOCKET.to_owned(), notified.name().to_owned())].into();
        let mut service = crate::platform::service_manager::Connection::open(&env);
        service.stopping();
        service.ready();
        notified.ready().await.unwrap();
    }
}
