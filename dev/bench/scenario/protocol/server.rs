//! The servers under load: ours, and the published program. Both with a secret, on a port of their own, in homes of
//! their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::load::{self, Identity, Link};
use crate::machine;
use crate::options::Options;
use crate::support::home::Home;
use crate::support::process;
use crate::support::program;
use crate::support::wait;

/// The published program reads a lot before it serves, the first time for a minute.
const PATIENCE: Duration = Duration::from_mins(3);

/// A server that serves. Killed when dropped, with everything that it started.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    mark: String,
    /// Where it listens.
    pub(super) address: SocketAddr,
    // After the process, which is killed first.
    _home: Home,
}

impl Server {
    /// Our gateway.
    pub(super) fn ours(options: &Options) -> Self {
        Self::ours_in(options, Home::new())
    }

    /// Our gateway on a state that is there already.
    pub(super) fn ours_in(options: &Options, home: Home) -> Self {
        Self::ours_with(options, home, &[])
    }

    /// The same with these variables.
    pub(super) fn ours_with(options: &Options, home: Home, env: &[(&str, &str)]) -> Self {
        Self::start(&options.binary, home, &[], env).expect("our gateway serves")
    }

    /// Our gateway, with this option.
    pub(super) fn ours_told(options: &Options, option: &str) -> Self {
        Self::start(&options.binary, Home::new(), &[option], &[]).expect("our gateway serves")
    }

    /// The published program, when there is one.
    pub(super) fn published() -> Option<Self> {
        let program =
            program::inherited("CLAWDBOT_PEER").filter(|path| !path.is_empty() && path != "unavailable");
        let Some(program) = program.map(PathBuf::from) else {
            crate::report::line(
                "  alone: CLAWDBOT_PEER does not name the published program (dev/peer/install)",
            );
            return None;
        };
        let server = Self::start(&program, Home::new(), &[], &[]);
        if server.is_none() {
            crate::report::line(&format!("  alone: {} does not serve", program.display()));
        }
        server
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory of the process.
    pub(super) fn rss_kib(&self) -> u64 {
        process::memory_kib(self.child.id()).0
    }

    fn start(program: &Path, home: Home, told: &[&str], env: &[(&str, &str)]) -> Option<Self> {
        home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }\n");
        let (port, mark) = (machine::free_port(), program::fresh_mark());
        let mut command = program::command(program, home.path(), &mark);
        command
            .args(["gateway", "--port", &port.to_string()])
            .args(told)
            .env("CLAWDBOT_GATEWAY_TOKEN", load::TOKEN)
            // Nobody is to be found, and no messenger to be connected: both would be work beside the load.
            .env("CLAWDBOT_SKIP_CHANNELS", "1")
            .env("CLAWDBOT_DISABLE_BONJOUR", "1")
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().ok()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let server = Self { child, mark, address, _home: home };
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let hello = Link::hello(address, Ipv4Addr::LOCALHOST, &Identity::Token);
            if load::on_one_thread(hello).is_ok() {
                return Some(server);
            }
            wait::pass(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        process::marked(&self.mark).iter().for_each(process::kill);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
