//! What a service manager is told, and the sockets that it hands over.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram, UnixListener};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::edits::Save;
use crate::support::gateway::{self, Gateway, Launch, configure, prompt};
use crate::support::home::Home;
use crate::support::http;
use crate::support::wait::{self, PATIENCE, VIGIL};

/// The receiving end of `NOTIFY_SOCKET`.
struct Manager {
    socket: UnixDatagram,
    name: String,
}

impl Manager {
    fn at_a_path(home: &Home) -> Self {
        let path = home.path().join("notify");
        Self { socket: UnixDatagram::bind(&path).unwrap(), name: path.display().to_string() }
    }

    fn abstract_one() -> Self {
        let name = format!("clawdbot-test-{}", uuid::Uuid::new_v4());
        let address = UnixAddress::from_abstract_name(&name).unwrap();
        Self { socket: UnixDatagram::bind_addr(&address).unwrap(), name: format!("@{name}") }
    }

    fn starts(&self, launch: Launch) -> Launch {
        launch.env("NOTIFY_SOCKET", &self.name)
    }

    /// The next message; `None` when there is none within `patience`.
    fn within(&self, patience: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let mut bytes = [0; 1024];
        match self.socket.recv(&mut bytes) {
            Ok(count) => Some(String::from_utf8(bytes[..count].to_vec()).unwrap()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    #[track_caller]
    fn hears(&self, expected: &str) {
        assert_eq!(self.within(PATIENCE).as_deref().map(str::trim_end), Some(expected));
    }

    /// `RELOADING=1` with the time of the monotonic clock, then `READY=1`.
    #[track_caller]
    fn hears_a_reload(&self, after: &str) {
        let message = self.within(PATIENCE).unwrap_or_else(|| panic!("nothing after {after}"));
        let lines: Vec<&str> = message.lines().collect();
        let time = lines.iter().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
        assert!(lines.contains(&"RELOADING=1"), "{message:?} after {after}");
        let since_boot = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic).tv_sec;
        let seconds =
            time.unwrap_or_else(|| panic!("no time in {message:?}")).parse::<i64>().unwrap() / 1_000_000;
        assert!((since_boot - 60..=since_boot).contains(&seconds), "{message:?} at {since_boot} s");
        self.hears("READY=1");
    }
}

fn configured(home: &Home) -> std::path::PathBuf {
    configure(home, &prompt("", ""))
}

#[test]
fn readiness_reloads_and_the_end_are_told() {
    for make in [Manager::at_a_path, |_: &Home| Manager::abstract_one()] {
        let home = Home::new();
        let config = configured(&home);
        let manager = make(&home);
        let gateway = manager.starts(gateway::in_home(&home)).start();
        manager.hears("READY=1");
        Save::Rename.write(&config, &prompt("", "ui: { seamColor: '#abcdef' },"));
        manager.hears_a_reload("an edit that is taken over in place");
        Save::Rename.write(&config, &prompt("trustedProxies: ['10.0.0.1']", ""));
        manager.hears_a_reload("an edit that needs a restart");
        // `systemctl reload` waits for the answer, whatever comes of it.
        gateway.signal(Signal::HUP);
        manager.hears_a_reload("a hang-up with nothing to read");
        let mark = gateway.mark();
        Save::Rename.write(&config, "{ broken");
        gateway.kept(mark, &[]);
        gateway.signal(Signal::HUP);
        manager.hears_a_reload("a hang-up with a file that cannot be used");
        gateway.stop();
        manager.hears("STOPPING=1");
        assert_eq!(manager.within(Duration::from_millis(1)), None);
    }
}

#[test]
fn a_start_that_fails_is_never_ready() {
    let home = Home::new();
    configure(&home, "{ gateway: {} }");
    let manager = Manager::at_a_path(&home);
    let mut gateway = manager.starts(gateway::in_home(&home)).spawn();
    assert_eq!(gateway.ended(PATIENCE).code(), Some(78));
    assert_eq!(manager.within(Duration::from_millis(1)), None);
}

/// With a watchdog of a second, meant for this process or for another one.
fn watched(manager: &Manager, home: &Home, pid: &str) -> Gateway {
    watched_every(1_000_000, manager, home, pid)
}

fn watched_every(period: u32, manager: &Manager, home: &Home, pid: &str) -> Gateway {
    let script = format!("export WATCHDOG_USEC={period} WATCHDOG_PID={pid}; exec \"$@\"");
    manager.starts(gateway::in_home(home)).through("sh", &["-c", &script, "sh"]).start()
}

#[test]
fn signs_of_life_come_in_time_and_stop_with_the_life() {
    let home = Home::new();
    configured(&home);
    let manager = Manager::at_a_path(&home);
    let gateway = watched(&manager, &home, "$$");
    manager.hears("READY=1");
    let begin = Instant::now();
    for _ in 0..4 {
        // Given twice in a period, so that one comes in time on a loaded machine, too.
        let message = manager.within(Duration::from_millis(999)).expect("a sign of life");
        assert_eq!(message.trim_end(), "WATCHDOG=1");
    }
    assert!(
        begin.elapsed() > Duration::from_millis(1500),
        "not more often than needed: {:?}",
        begin.elapsed()
    );
    gateway.signal(Signal::STOP);
    while manager.within(Duration::from_millis(50)).is_some() {}
    assert_eq!(manager.within(Duration::from_millis(1300)), None, "a stopped gateway gives no sign of life");
    gateway.signal(Signal::CONT);
    manager.hears("WATCHDOG=1");
    gateway.stop();
}

#[test]
fn a_watchdog_of_another_process_is_not_ours() {
    let home = Home::new();
    configured(&home);
    let manager = Manager::at_a_path(&home);
    let gateway = watched(&manager, &home, "1");
    manager.hears("READY=1");
    assert_eq!(manager.within(VIGIL + VIGIL), None);
    gateway.stop();
}

#[test]
fn a_manager_that_does_not_read_holds_nobody_up() {
    let home = Home::new();
    let config = configured(&home);
    let manager = Manager::at_a_path(&home);
    let gateway = watched_every(2000, &manager, &home, "$$");
    // More than fits into the queue of any socket (`net.unix.max_dgram_qlen`, 10 or 512).
    wait::never("slow answers", Duration::from_secs(1), || {
        let begin = Instant::now();
        http::health(gateway.address(), PATIENCE).unwrap();
        (begin.elapsed() > Duration::from_secs(3)).then(|| format!("{:?}", begin.elapsed()))
    });
    let mark = gateway.mark();
    Save::Rename.write(&config, &prompt("trustedProxies: ['10.0.0.1']", ""));
    gateway.took(mark, "restarted", "config: gateway.trustedProxies");
    gateway.stop();
}

/// Descriptor 3 is `first` and 4 is `second`, as a service manager would hand them over to process `pid`.
fn activated(home: &Home, first: OwnedFd, second: Option<OwnedFd>, pid: &str) -> Gateway {
    let (count, take) = if second.is_some() { (2, "4<&2 2>&1") } else { (1, "") };
    let script =
        format!("exec 3<&0 0</dev/null {take}; export LISTEN_FDS={count} LISTEN_PID={pid}; exec \"$@\"");
    gateway::in_home(home).through("sh", &["-c", &script, "sh"]).spawn_with(|command| {
        command.stdin(first);
        if let Some(second) = second {
            command.stderr(Stdio::from(second));
        }
    })
}

fn listener(host: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn inherited_sockets_are_served_over_restarts() {
    let home = Home::new();
    let config = configured(&home);
    let ((one, first), (two, second)) = (listener("127.0.0.1"), listener("127.0.0.3"));
    let gateway = activated(&home, one.into(), Some(two.into()), "$$");
    gateway.serving();
    gateway.line(0, &format!("✓ listening on ws://{first} (PID {})", gateway.pid()));
    gateway.line(0, &format!("✓ listening on ws://{second}"));
    for generation in 1..=3 {
        for address in [first, second] {
            let health = http::health(address, PATIENCE).unwrap();
            assert_eq!((health.pid, health.generation), (gateway.pid(), generation), "{address}");
        }
        let mark = gateway.mark();
        // Where it listens is not the configuration's business here.
        Save::Rename.write(&config, &prompt(&format!("port: 400{generation}"), ""));
        gateway.took(mark, "restarted", "config: gateway.port");
        assert_eq!(gateway.address(), first);
    }
    gateway.stop();
    assert!(TcpStream::connect(first).is_err(), "nobody else holds the socket here");
}

#[test]
fn one_inherited_socket_is_enough_and_one_for_another_process_is_none() {
    let home = Home::new();
    configured(&home);
    let (one, first) = listener("127.0.0.1");
    let gateway = activated(&home, one.into(), None, "$$");
    gateway.serving();
    assert_eq!(gateway.address(), first);
    gateway.stop();

    let (other, second) = listener("127.0.0.1");
    let gateway = activated(&home, other.into(), None, "1");
    gateway.serving();
    assert_ne!(gateway.address(), second);
    gateway.stop();
}

#[test]
fn what_cannot_be_served_is_refused_with_its_reason() {
    let home = Home::new();
    configured(&home);
    let refused = |descriptor: OwnedFd, text: &str| {
        let mut gateway = activated(&home, descriptor, None, "$$");
        let code = gateway.ended(PATIENCE).code();
        assert_eq!((code, gateway.since(0).first().map(String::as_str)), (Some(78), Some(text)));
    };
    let nothing = "Error: failed to use inherited descriptor 3: not a listening TCP socket";
    refused(File::open("/dev/null").unwrap().into(), nothing);
    refused(UnixDatagram::unbound().unwrap().into(), nothing);
    refused(UnixListener::bind(home.path().join("stream")).unwrap().into(), nothing);
    let (listening, address) = listener("127.0.0.1");
    refused(TcpStream::connect(address).unwrap().into(), nothing);
    drop(listening);
    refused(listener("0.0.0.0").0.into(), "Refusing to serve the inherited socket on 0.0.0.0 without auth.");
}
