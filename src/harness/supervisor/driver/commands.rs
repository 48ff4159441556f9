//! What is known of a command and its generations, and where their connections go.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Weak};

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::build::{Build, Unbuilt};
use crate::harness::exec::forward::{Forwarder, Target};
use crate::harness::exec::{ExecSpec, Facts, Sign, Tier, TierChoice};
use crate::harness::supervisor::notice::CommandSummary;
use crate::harness::supervisor::plan::Plan;
use crate::harness::supervisor::state::{Generation, Succession};
use crate::listeners::Listeners;
use crate::platform::net;
use crate::profile::{ProfileName, ProfilePaths};
use crate::settings::Secret;

/// The command and its generations.
#[derive(Debug)]
pub(super) struct Commands {
    pub(super) spec: Arc<ExecSpec>,
    /// Once it is known.
    pub(super) tier: Option<Tier>,
    pub(super) running: BTreeMap<Generation, Running>,
    /// Connections to a command that binds a port of its own.
    forwarder: Option<Forwarder>,
    /// What changed and is not built yet.
    pub(super) unbuilt: Option<Unbuilt>,
    /// The build that runs.
    pub(super) build: Option<Build>,
    /// The sockets that were made ready for a command.
    prepared: Weak<Listeners>,
    pub(super) sender: mpsc::Sender<(Generation, Sign)>,
    pub(super) signs: mpsc::Receiver<(Generation, Sign)>,
}

/// One generation of it.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) pid: Option<u32>,
    pub(super) plan: Arc<Plan>,
    /// The port that it was told.
    pub(super) port: u16,
    /// Where it listens itself, once that was seen.
    pub(super) address: Option<SocketAddr>,
    /// Processes that it left behind when it ended.
    pub(super) left: usize,
    pub(super) _watch: AbortOnDropHandle<()>,
}

/// What a generation is offered to be reached by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offered {
    /// The sockets of the harness, and a place to announce itself.
    pub(super) sockets: bool,
    /// A port of its own.
    pub(super) own_port: Option<u16>,
    /// The port that it is told.
    pub(super) port: u16,
}

impl Commands {
    pub(super) fn new(spec: Arc<ExecSpec>) -> Self {
        let (sender, signs) = mpsc::channel(16);
        let tier = match TierChoice::of(spec.tier, &spec.command) {
            TierChoice::Known(tier) => Some(tier),
            TierChoice::ToBeSeen => None,
        };
        let (running, prepared) = (BTreeMap::new(), Weak::new());
        let (unbuilt, build) = (None, None);
        Self { spec, tier, running, forwarder: None, unbuilt, build, prepared, sender, signs }
    }

    /// How generations follow each other. Of what is not known yet only one runs.
    pub(super) fn succession(&self) -> Succession {
        self.tier.unwrap_or(Tier::Nothing).succession(self.spec.overlap)
    }

    /// What the next generation is offered.
    pub(super) fn offer(&self, plan: &Plan) -> io::Result<Offered> {
        let public = plan.listeners.bound_port().unwrap_or(0);
        // What comes from elsewhere is not forwarded.
        let is_local = |socket: &std::net::TcpListener| {
            socket.local_addr().is_ok_and(|address| address.ip().is_loopback())
        };
        // What was taken for no server may have served the sockets without a word, and needs them again.
        let open = self.tier.filter(|tier| *tier != Tier::Nothing || self.spec.tier.is_some());
        let may_bind = match open {
            Some(tier) => tier == Tier::Port,
            None => plan.listeners.sockets().iter().all(is_local),
        };
        let own_port = may_bind.then(net::free_port).transpose()?;
        let sockets = open.is_none_or(|tier| tier == Tier::Sockets);
        Ok(Offered { sockets, own_port, port: own_port.unwrap_or(public) })
    }

    /// What a generation is told.
    pub(super) fn facts(paths: &ProfilePaths, plan: &Plan, port: u16) -> Facts {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let exposed = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Facts {
            port,
            config: text(&paths.config_path),
            state: text(&paths.state_dir),
            workspace: text(&plan.settings.workspace),
            token: exposed(&plan.settings.auth.token),
            password: exposed(&plan.settings.auth.password),
            profile: paths.name.as_ref().map_or("default", ProfileName::as_str).to_owned(),
        }
    }

    /// What is told about a generation that serves.
    pub(super) fn summary(&self, generation: Generation) -> Option<CommandSummary> {
        let running = self.running.get(&generation)?;
        let tier = self.tier.unwrap_or(Tier::Nothing);
        let sockets = running.plan.listeners.sockets();
        Some(CommandSummary {
            command: self.spec.command.shown().to_owned(),
            tier,
            addresses: match tier {
                Tier::Nothing => Vec::new(),
                Tier::Sockets | Tier::Port => {
                    sockets.iter().filter_map(|socket| socket.local_addr().ok()).collect()
                }
            },
            own_port: running.address.map(|address| address.port()),
            pid: running.pid.unwrap_or_default(),
        })
    }

    /// Sockets as a service manager hands them over: without waiting is what a program has to ask for itself. Only
    /// once, because a generation that has done so shares them.
    pub(super) fn prepare(&mut self, listeners: &Arc<Listeners>) {
        if self.prepared.upgrade().is_some_and(|prepared| Arc::ptr_eq(&prepared, listeners)) {
            return;
        }
        for socket in listeners.sockets().iter() {
            if let Err(error) = socket.set_nonblocking(false) {
                tracing::warn!(%error, "failed to prepare a socket");
            }
        }
        self.prepared = Arc::downgrade(listeners);
    }

    /// Accepts connections for a command that will bind a port of its own.
    pub(super) fn expect(&mut self, public: &Arc<Listeners>) -> io::Result<()> {
        if self.tier == Some(Tier::Port) && self.forwarder.is_none() {
            self.forwarder = Some(Forwarder::start(Arc::clone(public), self.spec.ready_timeout)?);
        }
        Ok(())
    }

    /// Sends connections to a generation, in the way that suits it.
    pub(super) fn direct(&mut self, generation: Generation) -> io::Result<()> {
        let Some(running) = self.running.get(&generation) else { return Ok(()) };
        let public = &running.plan.listeners;
        // In every other tier nobody but the command may accept: it may do so without having said a word.
        let (Some(Tier::Port), Some(address)) = (self.tier, running.address) else { return Ok(()) };
        let forwarder = match &self.forwarder {
            Some(forwarder) => forwarder,
            None => self.forwarder.insert(Forwarder::start(Arc::clone(public), self.spec.ready_timeout)?),
        };
        forwarder.follow(public);
        forwarder.point(Target::At(address));
        Ok(())
    }

    /// A generation that connections go to answers no more; they wait for the next one.
    pub(super) fn leave(&mut self, generation: Generation) {
        let address = self.running.get(&generation).and_then(|running| running.address);
        if let (Some(forwarder), Some(address)) = (&self.forwarder, address)
            && forwarder.target() == Target::At(address)
        {
            forwarder.point(Target::Held);
        }
    }
}
