//! Configuration and environment → what a gateway may run with.

use crate::cli::error::ExpectedError;
use crate::config::{self, Config, ConfigSnapshot, Outcome};
use crate::platform::net;
use crate::profile::{EnvMap, ProfilePaths, ResolvedProfile};
use crate::settings::{self, BindMode, BindPlan, GatewaySettings, InterfaceAddress, RunFlags};

/// Reads for one command line. Cheap to clone, so that reading can happen on another thread.
#[derive(Debug, Clone)]
pub(in crate::cli::commands) struct Reader {
    pub(in crate::cli::commands) flags: RunFlags,
    pub(in crate::cli::commands) profile: ResolvedProfile,
}

/// The files as they are, whether or not a gateway can run with them.
#[derive(Debug, Clone)]
pub(in crate::cli::commands) struct Files {
    pub(in crate::cli::commands) env: EnvMap,
    pub(in crate::cli::commands) snapshot: ConfigSnapshot,
}

/// What a gateway runs with.
#[derive(Debug)]
pub(in crate::cli::commands) struct Reading {
    pub(in crate::cli::commands) env: EnvMap,
    pub(in crate::cli::commands) snapshot: ConfigSnapshot,
    pub(in crate::cli::commands) config: Config,
    pub(in crate::cli::commands) settings: GatewaySettings,
}

impl Reader {
    pub(in crate::cli::commands) fn paths(&self) -> &ProfilePaths {
        &self.profile.paths
    }

    /// Reads the profile's `.env` and the configuration.
    pub(in crate::cli::commands) fn files(&self) -> Result<Files, ExpectedError> {
        let paths = self.paths();
        let env = config::environment(&paths.dotenv, &self.profile.env).map_err(|fault| {
            ExpectedError::Refused(format!("Cannot use {}: {fault}.", paths.display(&paths.dotenv)))
        })?;
        let snapshot = config::load(&paths.config_path, &env);
        Ok(Files { env, snapshot })
    }

    /// Resolves and guards. A missing configuration is not refused by itself: the guard knows when it matters.
    pub(in crate::cli::commands) fn admit(&self, files: Files) -> Result<Reading, ExpectedError> {
        let Files { env, snapshot } = files;
        if let Outcome::Invalid(issues) = &snapshot.outcome {
            let text = config::render(issues, &self.paths().home);
            return Err(ExpectedError::Refused(text.trim_end().to_owned()));
        }
        let config = Config::from_resolved(&snapshot.resolved);
        let settings = settings::resolve(&self.flags, &env, self.paths(), &config)?;
        settings::guard(&settings, self.flags.allow_unconfigured, &config, &snapshot, self.paths())?;
        Ok(Reading { env, snapshot, config, settings })
    }
}

/// Which addresses to listen on, as the machine is now.
pub(in crate::cli::commands) fn bind_plan(settings: &GatewaySettings) -> Result<BindPlan, ExpectedError> {
    let machine = if settings.bind == BindMode::Loopback { Vec::new() } else { machine()? };
    Ok(BindPlan::new(settings, &machine)?)
}

/// Every address of this machine.
pub(in crate::cli::commands) fn machine() -> Result<Vec<InterfaceAddress>, ExpectedError> {
    let interfaces = net::interfaces().map_err(|error| {
        ExpectedError::Failed(format!("Error: failed to list network interfaces: {error}"))
    })?;
    let address =
        |interface: net::Interface| InterfaceAddress { address: interface.address, up: interface.up };
    Ok(interfaces.into_iter().map(address).collect())
}
