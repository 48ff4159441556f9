//! What a service manager wants to be told: ready, reloading, stopping, and, with a watchdog, that the program still
//! runs (`sd_notify(3)`). Says nothing where nobody asked for it.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::time::Instant;

use super::clock;

/// Where messages go: the path of a datagram socket, or `@` and an abstract name.
const SOCKET: &str = "NOTIFY_SOCKET";
/// How long the manager's watchdog waits, in microseconds.
const WATCHDOG: &str = "WATCHDOG_USEC";
/// The process whose signs of life the watchdog wants.
const WATCHDOG_PID: &str = "WATCHDOG_PID";

/// The variables that are meant for this process and for none that it starts.
pub const VARIABLES: [&str; 3] = [SOCKET, WATCHDOG, WATCHDOG_PID];

/// How long a manager may keep the program waiting that has not read what it was told before.
const PATIENCE: Duration = Duration::from_millis(100);

/// The way to the service manager that started this process, if one did.
#[derive(Debug)]
pub struct Connection {
    to: Option<String>,
    /// Half the time that the manager's watchdog allows.
    interval: Option<Duration>,
    next: Option<Instant>,
    /// A reload was begun and is not over.
    reloading: bool,
}

impl Connection {
    /// Looks whether a service manager listens.
    pub fn open(env: &BTreeMap<String, String>) -> Self {
        let to = env.get(SOCKET).filter(|name| name.starts_with(['/', '@'])).cloned();
        // Half, as the manual recommends.
        let interval = watchdog(env, std::process::id()).map(|allowed| allowed / 2);
        Self { interval: to.as_ref().and(interval), to, next: None, reloading: false }
    }

    /// The program serves. The watchdog counts from here on.
    pub fn ready(&mut self) {
        self.tell("READY=1");
        self.next = self.interval.map(|interval| Instant::now() + interval);
    }

    /// The program looks for another configuration; [`Self::reloaded`] ends that. Said once, however often it is
    /// called before.
    pub fn reloading(&mut self) {
        if !std::mem::replace(&mut self.reloading, true) && self.to.is_some() {
            self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", clock::monotonic_us()));
        }
    }

    /// The reload is over, whatever came of it.
    pub fn reloaded(&mut self) {
        if std::mem::take(&mut self.reloading) {
            self.ready();
        }
    }

    /// The program ends.
    pub fn stopping(&mut self) {
        self.next = None;
        self.tell("STOPPING=1");
    }

    /// When the next sign of life is due.
    pub fn next_sign_of_life(&self) -> Option<Instant> {
        self.next
    }

    /// Gives a sign of life. Has to come from where the work is done, or it would prove nothing.
    pub fn alive(&mut self) {
        // One that finds no room is not missed: whoever has not read the ones before gets another soon.
        self.tell_within("WATCHDOG=1", Duration::ZERO);
        self.next = self.interval.map(|interval| Instant::now() + interval);
    }

    fn tell(&self, message: &str) {
        self.tell_within(message, PATIENCE);
    }

    /// A manager that does not listen does not keep the program from its work.
    fn tell_within(&self, message: &str, patience: Duration) {
        if let Some(to) = &self.to
            && let Err(error) = socket::send(to, message, patience)
            && !(patience.is_zero() && error.kind() == io::ErrorKind::WouldBlock)
        {
            tracing::warn!(target: "clawdbot::gateway", %error, "failed to tell the service manager");
        }
    }
}

/// The watchdog's period, when it is meant for the process `pid`.
fn watchdog(env: &BTreeMap<String, String>, pid: u32) -> Option<Duration> {
    if env.get(WATCHDOG_PID).is_some_and(|meant| *meant != pid.to_string()) {
        return None;
    }
    let period = env.get(WATCHDOG)?.parse().ok().filter(|period| *period > 0)?;
    Some(Duration::from_micros(period))
}

#[cfg(unix)]
mod socket {
    use std::io;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::time::Duration;

    /// Connects anew for every message: the manager may have been restarted.
    pub(super) fn send(to: &str, message: &str, patience: Duration) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        if patience.is_zero() {
            socket.set_nonblocking(true)?;
        } else {
            socket.set_write_timeout(Some(patience))?;
        }
        socket.send_to_addr(message.as_bytes(), &address(to)?).map(drop)
    }

    fn address(to: &str) -> io::Result<SocketAddr> {
        match to.strip_prefix('@') {
            Some(name) => abstract_address(name),
            None => SocketAddr::from_pathname(to),
        }
    }

    #[cfg(target_os = "linux")]
    fn abstract_address(name: &str) -> io::Result<SocketAddr> {
        use std::os::linux::net::SocketAddrExt;

        SocketAddr::from_abstract_name(name)
    }

    #[cfg(not(target_os = "linux"))]
    fn abstract_address(_name: &str) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(unix))]
mod socket {
    use std::io;
    use std::time::Duration;

    pub(super) fn send(_to: &str, _message: &str, _patience: Duration) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Option<u64>) {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(watchdog(&env, 42), expected.map(Duration::from_micros), "{variables:?}");
    }

    #[test]
    fn a_watchdog_counts_when_it_is_meant_for_this_process() {
        check(&[], None);
        check(&[(WATCHDOG, "30000000")], Some(30_000_000));
        check(&[(WATCHDOG, "30000000"), (WATCHDOG_PID, "42")], Some(30_000_000));
        check(&[(WATCHDOG, "30000000"), (WATCHDOG_PID, "43")], None);
        for wrong in ["", "0", "-1", "soon"] {
            check(&[(WATCHDOG, wrong)], None);
        }
    }
}
