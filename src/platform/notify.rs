//! The receiving end of what a service tells its manager (`sd_notify(3)`): a datagram socket for each service.

use std::io;

/// What tells a process where its manager listens.
pub const ENV_SOCKET: &str = "NOTIFY_SOCKET";

/// Longest message; longer ones are cut.
#[cfg(unix)]
const LONGEST: usize = 4096;

/// The socket of one service. What is bound goes with it.
#[cfg(unix)]
#[derive(Debug)]
pub struct Notified {
    socket: tokio::net::UnixDatagram,
    name: String,
    #[cfg(not(target_os = "linux"))]
    _directory: tempfile::TempDir,
}

#[cfg(unix)]
impl Notified {
    /// Binds one that nobody else knows of. Must run inside a runtime.
    #[cfg(target_os = "linux")]
    pub fn bind() -> io::Result<Self> {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};

        // An abstract name leaves no file behind, however this process ends.
        let name = format!("clawdbot-notify-{}", uuid::Uuid::new_v4().simple());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        Self::over(socket, format!("@{name}"))
    }

    /// Binds one that nobody else knows of. Must run inside a runtime.
    #[cfg(not(target_os = "linux"))]
    pub fn bind() -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("notify");
        let socket = tokio::net::UnixDatagram::bind(&path)?;
        Ok(Self { socket, name: path.to_string_lossy().into_owned(), _directory: directory })
    }

    #[cfg(target_os = "linux")]
    fn over(socket: std::os::unix::net::UnixDatagram, name: String) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket: tokio::net::UnixDatagram::from_std(socket)?, name })
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
