//! What a generation is made from, and whether an edit of the configuration makes a new one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::state::{PlanId, State};
use crate::config::{self, Config, ConfigSnapshot, Issue, Outcome};
use crate::platform::net::Listeners;
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::{self, GatewaySettings, RunFlags};

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
    /// The configuration is valid, but a gateway may not run with it, or its address cannot be bound.
    Refused(String),
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
}

/// A configuration that can be used, before its address is bound.
#[derive(Debug)]
pub struct Reading {
    /// The configuration.
    pub snapshot: ConfigSnapshot,
    /// The environment with `.env`.
    pub env: EnvMap,
    /// Typed sections.
    pub config: Config,
    /// Resolved settings.
    pub settings: GatewaySettings,
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
        let mut env = self.env.clone();
        let pairs = config::read_dotenv(&self.paths.dotenv)
            .map_err(|error| Problem::Dotenv(error.to_string()))?;
        for (name, value) in &pairs {
            env.set_default(name, value);
        }
        let snapshot = config::load(&self.paths.config_path, &env);
        Ok((env, snapshot))
    }

    /// Reads a configuration that can be used.
    pub fn read(&self) -> Result<Reading, Problem> {
        let (env, snapshot) = self.snapshot()?;
        match &snapshot.outcome {
            Outcome::Valid => {}
            Outcome::Missing => return Err(Problem::Missing(snapshot.path)),
            Outcome::Invalid(issues) => {
                return Err(Problem::Config { path: snapshot.path.clone(), issues: issues.clone() });
            }
        }
        let config = Config::from_resolved(&snapshot.resolved);
        let settings = settings::resolve(&self.flags, &env, &self.paths, &config)
            .and_then(|settings| settings::guard(&self.flags, &self.paths, &config, settings))
            .map_err(|refusal| Problem::Refused(refusal.to_string()))?;
        Ok(Reading { snapshot, env, config, settings })
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

    /// Drops what `state` no longer needs.
    pub fn retain(&mut self, state: &State) {
        let needed = state.plans();
        self.plans.retain(|id, _| needed.contains(id));
    }
}
