//! A tunnel through `ssh` to a port of another machine, for as long as somebody wants it.
//!
//! `ssh` asks nothing (`BatchMode`) and decides about host keys as its own configuration says. It leads a session of its
//! own and ends with the tunnel; on Linux also when this process is killed.

use std::path::Path;
#[cfg(unix)]
use std::path::PathBuf;
use std::time::Duration;

/// A server, as people name it: `USER@HOST`, `USER@HOST:PORT`, or what the configuration of `ssh` knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    host: String,
    port: Option<u16>,
}

/// A text that names no server.
#[derive(Debug, thiserror::Error)]
#[error("not a server; use USER@HOST or USER@HOST:PORT")]
pub struct NoServer;

/// What to reach.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The server.
    pub server: &'a Server,
    /// Key file.
    pub identity: Option<&'a Path>,
    /// Port on that machine's own address.
    pub port: u16,
}

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// There is no `ssh`, or not here.
    #[error("there is no ssh in PATH")]
    NoProgram,
    /// It cannot be started.
    #[error("failed to start ssh: {0}")]
    Start(String),
    /// It has ended; what it said last.
    #[error("ssh: {0}")]
    Ended(String),
    /// It does not get there.
    #[error("ssh: no connection within {} ms", .0.as_millis())]
    TimedOut(Duration),
}

#[cfg(not(unix))]
pub use other::Tunnel;
#[cfg(unix)]
pub use unix::Tunnel;

impl Server {
    /// Reads what people write.
    pub fn parse(text: &str) -> Result<Self, NoServer> {
        let text = text.trim();
        let (host, port) = match text.rsplit_once(':') {
            // More than one colon is an IPv6 address without a port.
            Some((host, port)) if !host.contains(':') => (host, Some(port.parse().map_err(|_| NoServer)?)),
            _ => (text, None),
        };
        let fits = |c: char| !c.is_whitespace() && !c.is_control();
        if host.is_empty() || host.starts_with('-') || port == Some(0) || !host.chars().all(fits) {
            return Err(NoServer);
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The arguments, the program's own name first.
#[cfg(unix)]
fn arguments(to: &Destination<'_>, local: u16) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["ssh", "-N", "-T", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes"]
            .map(str::to_owned)
            .into();
    arguments.extend(["-L".to_owned(), format!("127.0.0.1:{local}:127.0.0.1:{}", to.port)]);
    if let Some(port) = to.server.port {
        arguments.extend(["-p".to_owned(), port.to_string()]);
    }
    if let Some(identity) = to.identity {
        arguments.extend(["-i".to_owned(), identity.to_string_lossy().into_owned()]);
    }
    arguments.extend(["--".to_owned(), to.server.host.clone()]);
    arguments
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, PipeReader, Read};
    use std::net::Ipv4Addr;
    use std::os::fd::OwnedFd;

    use rustix::io::ioctl_fionbio;
    use tokio::net::TcpStream;
    use tokio::time::{Instant, sleep};

    use super::{Destination, Duration, PathBuf, TunnelError, arguments};
    use crate::platform::process::{Exec, Reaped, Signal, Target, reap, signal};
    use crate::platform::{in_path, net};

    /// Pause between two looks whether the tunnel stands.
    const PAUSE: Duration = Duration::from_millis(5);

    /// An open tunnel. Closed when dropped.
    #[derive(Debug)]
    pub struct Tunnel {
        pid: u32,
        /// It was collected, so the number is another's.
        ended: bool,
        said: PipeReader,
        port: u16,
    }

    impl Tunnel {
        /// Opens it with the `ssh` in the `PATH` of `env`, which is its whole environment. Must be called on a thread
        /// that outlives the tunnel.
        pub async fn open(
            to: &Destination<'_>,
            env: &[(String, String)],
            limit: Duration,
        ) -> Result<Self, TunnelError> {
            let deadline = Instant::now() + limit;
            let path = env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.as_str());
            let program: PathBuf = in_path::find("ssh", path).ok_or(TunnelError::NoProgram)?;
            let failed = |error: io::Error| TunnelError::Start(error.to_string());
            let port = net::free_port().map_err(failed)?;
            let (said, says) = io::pipe().map_err(failed)?;
            ioctl_fionbio(&said, true).map_err(|error| failed(error.into()))?;
            let null = || File::options().read(true).write(true).open("/dev/null").map(OwnedFd::from);
            let started = Exec {
                program: &program,
                arguments: &arguments(to, port),
                env,
                directory: None,
                stdio: [null().map_err(failed)?, null().map_err(failed)?, says.into()],
                sockets: Vec::new(),
                socket_name: "",
            }
            .start();
            let pid = started.map_err(|error| TunnelError::Start(error.to_string()))?;
            let mut tunnel = Self { pid, ended: false, said, port };
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                if let Reaped::Child(..) = reap(Some(pid)) {
                    tunnel.ended = true;
                    return Err(TunnelError::Ended(tunnel.last_words()));
                }
                if Instant::now() >= deadline {
                    return Err(TunnelError::TimedOut(limit));
                }
                sleep(PAUSE).await;
            }
            Ok(tunnel)
        }

        /// Its end on this machine.
        pub fn port(&self) -> u16 {
            self.port
        }

        /// The last line that it has said.
        fn last_words(&mut self) -> String {
            let mut bytes = [0; 4096];
            let mut text = String::new();
            while let Ok(count @ 1..) = self.said.read(&mut bytes) {
                text.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
            last.map_or("it ended without a word", |line| line.trim_start_matches("ssh: ")).to_owned()
        }
    }

    impl Drop for Tunnel {
        fn drop(&mut self) {
            if !self.ended {
                // It is not collected yet, so the number is its own and its group's.
                signal(Target::Group(self.pid), Signal::KILL);
                let _ = rustix::process::waitpid(
                    i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw),
                    rustix::process::WaitOptions::empty(),
                );
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use super::{Destination, Duration, TunnelError};

    /// There are no tunnels on this system yet.
    #[derive(Debug)]
    pub enum Tunnel {}

    impl Tunnel {
        /// Says so.
        #[expect(clippy::unused_async, reason = "where there are tunnels, they are waited for")]
        pub async fn open(
            _to: &Destination<'_>,
            _env: &[(String, String)],
            _limit: Duration,
        ) -> Result<Self, TunnelError> {
            Err(TunnelError::Start("tunnels are not supported on this system yet".to_owned()))
        }

        /// Never called.
        pub fn port(&self) -> u16 {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
        let found = Server::parse(text).ok();
        assert_eq!(found, expected.map(|(host, port)| Server { host: host.to_owned(), port }), "{text}");
    }

    #[test]
    fn what_names_a_server() {
        check("you@box", Some(("you@box", None)));
        check(" box ", Some(("box", None)));
        check("you@box:2222", Some(("you@box", Some(2222))));
        check("you@fe80::1", Some(("you@fe80::1", None)));
        for bad in ["", ":22", "box:0", "box:x", "box:99999", "-oProxyCommand=x", "a b"] {
            check(bad, None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn ssh_is_told_to_ask_nothing() {
        let server = Server::parse("you@box:2222").unwrap();
        let identity = Some(Path::new("/home/you/.ssh/key"));
        assert_eq!(
            arguments(&Destination { server: &server, identity, port: 18_789 }, 4000).join(" "),
            "ssh -N -T -o BatchMode=yes -o ExitOnForwardFailure=yes -L 127.0.0.1:4000:127.0.0.1:18789 -p 2222 \
             -i /home/you/.ssh/key -- you@box"
        );
    }
}
