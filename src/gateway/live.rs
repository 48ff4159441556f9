//! What a gateway runs with, as far as it may change while it runs. Readers take the whole of it at once and keep
//! it for one answer, so that they never see a mixture.

use std::sync::Arc;

use super::agents::Roster;
use super::hooks::Rules;
use super::sessions::Stores;
use crate::config::{Config, ConfigSnapshot};
use crate::profile::{EnvMap, ProfilePaths};
use crate::settings::GatewaySettings;

/// One configuration with everything that follows from it.
#[derive(Debug)]
pub(crate) struct Live {
    /// The environment that the configuration was read with.
    pub(crate) env: EnvMap,
    pub(crate) snapshot: ConfigSnapshot,
    pub(crate) config: Config,
    pub(crate) settings: GatewaySettings,
    pub(crate) roster: Arc<Roster>,
    pub(crate) stores: Arc<Stores>,
    /// What becomes of hooks of other shapes.
    pub(crate) hook_rules: Rules,
}

impl Live {
    pub(crate) fn new(
        env: EnvMap,
        snapshot: ConfigSnapshot,
        settings: GatewaySettings,
        paths: &ProfilePaths,
    ) -> Arc<Self> {
        let config = Config::from_resolved(&snapshot.resolved);
        Arc::new(Self {
            roster: Arc::new(Roster::of(&config)),
            stores: Arc::new(Stores::new(&paths.state_dir, config.session.store.as_deref(), &paths.home)),
            hook_rules: Rules::of(&config.hooks),
            env,
            snapshot,
            config,
            settings,
        })
    }
}
