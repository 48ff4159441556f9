//! What a generation is made from, and whether an edit of the configuration makes a new one.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::state::{PlanId, State};
use crate::config::{self, Config, ConfigSnapshot, Issue, Outcome};
use crate::harness::exec::ExecSpec;
use crate::harness::isolation::check_log_file;
use crate::harness::{check_isolation, check_tls_isolation};
use crate::listeners::{BindError, Listeners};
use crate::platform::net;
use crate::profile::{EnvMap, ProfilePaths, shorten};
use crate::settings::{self, BindMode, BindPlan, GatewaySettings, InterfaceAddress, Refusal, RunFlags};
use crate::tls::ServerTls;

/// Everything that one or more generations are made from. Immutable; a later edit makes another plan.
#[derive(Debug)]
pub struct Plan {
    /// The configuration as read and validated.
    pub snapshot: ConfigSnapshot,
    /// The environment, with the profile's `.env` layered below it.
    pub env: EnvMap,
    /// What follows from both.
    pub settings: GatewaySettings,
    /// The sockets that its generations inherit. Closed when the last plan that names them is dropped.
    pub listeners: Arc<Listeners>,
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It has mistakes, with their places.
    Config {
        /// The main file.
        path: PathBuf,
        /// All of them.
        issues: Vec<Issue>,
    },
    /// There is no configuration file.
    Missing(PathBuf),
    /// The profile's `.env` cannot be used.
    Dotenv(String),
    /// The configuration is valid, but a gateway may not run with it.
    Refused(String),
    /// An address cannot be bound.
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        kind: io::ErrorKind,
    },
}

/// Reads plans for one profile.
#[derive(Debug)]
pub struct Planner {
    /// The profile.
    pub paths: ProfilePaths,
    /// The environment of the harness.
    pub env: EnvMap,
    /// Flags of the command line.
    pub flags: RunFlags,
    /// The command that runs in place of our own gateway.
    pub command: Option<Arc<ExecSpec>>,
}

/// A configuration that can be used, before its address is bound.
#[derive(Debug)]
pub struct Reading {
    /// The configuration.
    pub snapshot: ConfigSnapshot,
    /// The environment with `.env`.
    pub env: EnvMap,
    /// Resolved settings.
    pub settings: GatewaySettings,
    /// Addresses to listen on.
    pub bind: BindPlan,
}

/// The plans that are still needed.
#[derive(Debug, Default)]
pub struct Plans {
    plans: BTreeMap<PlanId, Arc<Plan>>,
    last: u64,
}

// === impl Planner ===

impl Planner {
    /// Reads the configuration and everything beside it, whatever its state.
    pub fn snapshot(&self) -> Result<(EnvMap, ConfigSnapshot), Problem> {
        let env = config::environment(&self.paths.dotenv, &self.env).map_err(|fault| {
            Problem::Dotenv(fault.describe(&shorten(&self.paths.dotenv, &self.paths.home)))
        })?;
        let snapshot = config::load(&self.paths.config_path, &env);
        Ok((env, snapshot))
    }

    /// Reads a configuration that can be used.
    pub fn read(&self) -> Result<Reading, Problem> {
        let (env, snapshot) = self.snapshot()?;
        self.admit(env, snapshot)
    }

    /// Decides whether a gateway can run with a configuration.
    pub fn admit(&self, env: EnvMap, snapshot: ConfigSnapshot) -> Result<Reading, Problem> {
        match &snapshot.outcome {
            Outcome::Valid => {}
            Outcome::Missing => return Err(Problem::Missing(snapshot.path)),
            Outcome::Invalid(issues) => {
                return Err(Problem::Config { path: snapshot.path.clone(), issues: issues.clone() });
            }
        }
        let config = Config::from_resolved(&snapshot.resolved);
        let refused = |refusal: Refusal| Problem::Refused(refusal.to_string());
        let settings = settings::resolve(&self.flags, &env, &self.paths, &config).map_err(refused)?;
        settings::guard(&settings, self.flags.allow_unconfigured, &config, &snapshot, &self.paths)
            .map_err(refused)?;
        let others = settings::configured_workspaces(&config, &self.paths);
        for workspace in others.iter().chain([&settings.workspace]) {
            check_isolation(&self.paths, workspace).map_err(|escape| Problem::Refused(escape.to_string()))?;
        }
        let log_file = &settings.log.file;
        check_log_file(&self.paths, log_file).map_err(|escape| Problem::Refused(escape.to_string()))?;
        if log_file.starts_with(&settings.workspace) {
            return Err(Problem::Refused(format!(
                "logging.file {} lies in the workspace, where every line would be an edit; put it elsewhere",
                shorten(log_file, &self.paths.home)
            )));
        }
        if settings.workspace.exists() && !settings.workspace.is_dir() {
            let workspace = shorten(&settings.workspace, &self.paths.home);
            return Err(Problem::Refused(format!(
                "the workspace {workspace} is not a directory; name another one in agents.defaults.workspace, or move it away"
            )));
        }
        if let Some(tls) = &settings.tls {
            check_tls_isolation(&self.paths, tls).map_err(|escape| Problem::Refused(escape.to_string()))?;
            // The generation reads it again; here it is so that what cannot serve is told before one is started.
            ServerTls::load(tls).map_err(|error| Problem::Refused(error.to_string()))?;
        }
        let machine = if settings.bind == BindMode::Loopback { Vec::new() } else { addresses()? };
        let mut bind = BindPlan::new(&settings, &machine).map_err(refused)?;
        if let Some(command) = &self.command {
            command.admit(&settings, &mut bind).map_err(Problem::Refused)?;
        }
        Ok(Reading { snapshot, env, settings, bind })
    }
}

/// The machine's addresses, as the bind plan wants to know them.
fn addresses() -> Result<Vec<InterfaceAddress>, Problem> {
    let interfaces = net::interfaces()
        .map_err(|error| Problem::Refused(format!("failed to list the network interfaces: {error}")))?;
    Ok(interfaces
        .into_iter()
        .map(|interface| InterfaceAddress { address: interface.address, up: interface.up })
        .collect())
}

impl From<BindError> for Problem {
    fn from(error: BindError) -> Self {
        Self::Address { address: error.address, kind: error.source.kind() }
    }
}

// === impl Plans ===

impl Plans {
    /// Keeps a plan and names it.
    pub fn add(&mut self, plan: Plan) -> PlanId {
        self.last += 1;
        let id = PlanId(self.last);
        self.plans.insert(id, Arc::new(plan));
        id
    }

    /// The plan of that name.
    pub fn get(&self, id: PlanId) -> Option<&Arc<Plan>> {
        self.plans.get(&id)
    }

    /// Drops what neither `state` nor `waiting` names.
    pub fn retain(&mut self, state: &State, waiting: Option<PlanId>) {
        let mut needed = state.plans();
        needed.extend(waiting);
        self.plans.retain(|id, _| needed.contains(id));
    }
}
