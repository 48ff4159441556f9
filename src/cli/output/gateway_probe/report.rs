//! The facts of `gateway probe`, before anybody says them.

use serde_json::Value;

use crate::discovery::Beacon;
use crate::protocol::close::Close;
use crate::protocol::hello::HelloOk;

/// Everything that was found.
#[derive(Debug)]
pub(crate) struct Report {
    /// When it was begun, Unix milliseconds.
    pub(crate) ts: u64,
    /// How long it took.
    pub(crate) duration_ms: u64,
    /// How long it might have taken.
    pub(crate) timeout_ms: u64,
    /// Where this profile's own gateway is looked for.
    pub(crate) own_url: String,
    /// What the local network announces.
    pub(crate) discovery: Discovery,
    /// What was looked at, most important first.
    pub(crate) seen: Vec<Seen>,
}

/// Somewhere a gateway may be.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Why it was looked at.
    pub(crate) kind: Kind,
    /// Where it is.
    pub(crate) url: String,
    /// The tunnel that leads there.
    pub(crate) through: Option<Through>,
    /// Its process, when its runtime file says so.
    pub(crate) pid: Option<u32>,
    /// What came of it.
    pub(crate) answer: Answer,
}

/// What the local network announces.
#[derive(Debug)]
pub(crate) enum Discovery {
    /// Nobody listened; why.
    Off(String),
    /// Listening failed; why.
    Failed(String),
    /// These gateways.
    Found(Vec<Beacon>),
}

/// Why a place was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `--url`.
    Explicit,
    /// `gateway.remote.url`; whether `gateway.mode` is `remote`.
    Remote(bool),
    /// Behind an SSH tunnel.
    Ssh,
    /// This profile's, on this machine.
    Own,
    /// Another profile's; `None` is the default profile.
    Profile(Option<String>),
    /// A port that gateways usually have.
    Usual(u16),
    /// It announces itself in the local network, under this name.
    Announced(String),
}

/// An SSH tunnel.
#[derive(Debug)]
pub(crate) struct Through {
    /// The server.
    pub(crate) server: String,
    /// The gateway's port there.
    pub(crate) port: u16,
}

/// What came of connecting.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Nobody is there, or nobody who speaks this protocol.
    None(String),
    /// There is a gateway. This command has nothing to log in with.
    Greeted {
        /// Time to its greeting.
        latency_ms: u64,
    },
    /// There is a gateway, and it lets nobody in.
    Refused {
        /// Time to its answer.
        latency_ms: u64,
        /// Why, in its words.
        reason: String,
        /// How it closed.
        close: Option<Close>,
    },
    /// It answers requests.
    In {
        /// Time to its welcome.
        latency_ms: u64,
        /// What it said.
        hello: Box<HelloOk>,
        /// The answer to `status`; an error says why there is none.
        summary: Result<Value, String>,
    },
}

// === impl Report ===

impl Report {
    /// The most important gateway that is there.
    pub(crate) fn primary(&self) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.answer.is_there())
    }

    /// Those that are there, when they are several. The one behind a tunnel may be one of the others.
    pub(crate) fn several(&self) -> Option<Vec<&Seen>> {
        let there = self.seen.iter().filter(|seen| seen.answer.is_there() && seen.kind != Kind::Ssh);
        Some(there.collect::<Vec<_>>()).filter(|there| there.len() > 1)
    }

    /// How many are there.
    pub(crate) fn count(&self) -> usize {
        self.seen.iter().filter(|seen| seen.answer.is_there()).count()
    }
}

// === impl Discovery ===

impl Discovery {
    /// What was found.
    pub(crate) fn beacons(&self) -> &[Beacon] {
        match self {
            Self::Found(beacons) => beacons,
            Self::Off(_) | Self::Failed(_) => &[],
        }
    }
}

// === impl Kind ===

impl Kind {
    /// For scripts, unique within a report.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Explicit => "explicit".to_owned(),
            Self::Remote(_) => "configRemote".to_owned(),
            Self::Ssh => "sshTunnel".to_owned(),
            Self::Own => "localLoopback".to_owned(),
            Self::Profile(name) => format!("profile:{}", name.as_deref().unwrap_or("default")),
            Self::Usual(port) => format!("port:{port}"),
            Self::Announced(name) => format!("announced:{name}"),
        }
    }

    /// For scripts.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Explicit => "explicit",
            Self::Remote(_) => "configRemote",
            Self::Ssh => "sshTunnel",
            Self::Own => "localLoopback",
            Self::Profile(_) => "profile",
            Self::Usual(_) => "usualPort",
            Self::Announced(_) => "announced",
        }
    }

    /// For people.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Explicit => "URL (explicit)".to_owned(),
            Self::Remote(true) => "Remote (configured)".to_owned(),
            Self::Remote(false) => "Remote (configured, inactive)".to_owned(),
            Self::Ssh => "Remote over SSH".to_owned(),
            Self::Own => "Local loopback".to_owned(),
            Self::Profile(None) => "Default profile".to_owned(),
            Self::Profile(Some(name)) => format!("Profile {name}"),
            Self::Usual(port) => format!("Usual port {port}"),
            Self::Announced(name) => format!("Announced by {name}"),
        }
    }
}

// === impl Answer ===

impl Answer {
    /// Whether there is a gateway.
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Self::None(_))
    }
}
