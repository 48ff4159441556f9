//! The published program, which tests hold ours against.
//!
//! `CLAWDBOT_PEER` names it; `dev/peer/install` fetches it. Where it is not set nothing can be shown, so a test says so
//! and passes, except on CI (`CI=true`), where that is a failure unless it is set to `unavailable`: there is no npm on
//! that machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::home::Home;
use super::program::{self, Finished, Run, inherited, not_run};
use super::wait;
use super::wire::Wire;

/// The published program needs seconds for every command, and a minute on its first.
pub(crate) const SLOW: Duration = Duration::from_mins(4);

/// The published program.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    program: PathBuf,
}

/// A gateway of the published program. Stopped when dropped.
#[derive(Debug)]
pub(crate) struct PeerGateway {
    child: Child,
    address: SocketAddr,
}

impl Peer {
    /// The published program, if it is here.
    pub(crate) fn find() -> Option<Self> {
        match inherited("CLAWDBOT_PEER").as_deref() {
            None | Some("") => {
                let on_ci = inherited("CI").as_deref() == Some("true");
                assert!(!on_ci, "CLAWDBOT_PEER is not set on CI; see dev/peer/install");
                not_run("CLAWDBOT_PEER is not set; dev/peer/install fetches the published client");
                None
            }
            Some("unavailable") => {
                not_run("the published client cannot be installed on this machine");
                None
            }
            Some(path) => Some(Self { program: PathBuf::from(path) }),
        }
    }

    /// Where it is.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The built Control UI that comes with it, where `dev/peer/install` has put it.
    pub(crate) fn control_ui(&self) -> Option<PathBuf> {
        let place = "app/node_modules/clawdbot/dist/control-ui";
        let files =
            self.program.ancestors().nth(2).map(|root| root.join(place)).filter(|files| files.is_dir());
        if files.is_none() {
            not_run(&format!("{} was not installed by dev/peer/install: no {place}", self.program.display()));
        }
        files
    }

    /// A command of it, in a home of its own: it writes its device identity there.
    pub(crate) fn command(&self, home: &Home, arguments: &[&str]) -> Run {
        Run::of(&self.program, home, arguments).env("CLAWDBOT_HIDE_BANNER", "1").patience(SLOW)
    }

    /// A command for whoever sits at the gateway that listens on `port` and whose home is `home`.
    pub(crate) fn local(&self, home: &Home, port: u16, arguments: &[&str]) -> Run {
        self.command(home, arguments).env("CLAWDBOT_GATEWAY_PORT", port.to_string())
    }

    /// The same to its end.
    #[track_caller]
    pub(crate) fn run(&self, home: &Home, arguments: &[&str]) -> Finished {
        self.command(home, arguments).finish()
    }

    /// Its gateway on what `home` holds, once it answers. The configuration there must let it start.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn gateway(&self, home: &Home) -> PeerGateway {
        // Free a moment ago; the published program cannot choose one itself.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = program::command(&self.program, home.path(), &program::fresh_mark());
        command.args(["gateway", "--port", &port.to_string()]);
        command.env("CLAWDBOT_DISABLE_BONJOUR", "1").env("CLAWDBOT_SKIP_BROWSER_CONTROL_SERVER", "1");
        // Ours comes without skills.
        command.env("CLAWDBOT_BUNDLED_SKILLS_DIR", home.path().join("no-skills"));
        // One process, which the signal of `stop` reaches.
        command.env("CLAWDBOT_NO_RESPAWN", "1");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut gateway = PeerGateway { child, address: (Ipv4Addr::LOCALHOST, port).into() };
        wait::until("the published gateway answers", SLOW, || {
            assert!(gateway.child.try_wait().unwrap().is_none(), "the published gateway ended at its start");
            Wire::open(gateway.address).and_then(|mut wire| wire.challenge()).ok()
        });
        gateway
    }
}

/// Runs commands beside each other, to their ends, and checks that all succeed: each spends its seconds on its start.
#[track_caller]
pub(crate) fn together<const N: usize>(runs: [Run; N]) -> [String; N] {
    let finished = thread::scope(|scope| {
        let threads = runs.map(|run| scope.spawn(|| run.finish()));
        threads.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    finished.map(|finished| finished.expect_code(0).stdout)
}

/// What a command with `--json` has printed.
#[track_caller]
pub(crate) fn json(printed: &str) -> Value {
    serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

impl PeerGateway {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it as a person would, so that it writes down what it has.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) {
        super::process::signal(self.child.id(), rustix::process::Signal::TERM);
        program::end_within(&mut self.child, SLOW).expect("the published gateway ends when asked to");
    }
}

impl Drop for PeerGateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
