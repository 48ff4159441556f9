//! How a gateway follows edits of its configuration.

use std::time::Duration;

use super::ledger::{Choice, Ledger, Sourced, written};
use crate::config::Config;
use crate::config::schema::ReloadMode;
use crate::profile::ProfilePaths;

/// The published default of `gateway.reload.debounceMs`.
const DEBOUNCE_MS: u64 = 300;

/// What an edit does to a gateway outside dev mode; in dev mode only a mode that is written down counts.
pub fn reload_mode(config: &Config) -> ReloadMode {
    mode(config).or_default(ReloadMode::Hybrid).value
}

/// How long it has to be quiet before an edit counts.
pub fn reload_debounce(config: &Config) -> Duration {
    Duration::from_millis(debounce(config).value)
}

/// Writes both down.
pub(super) fn note(config: &Config, paths: &ProfilePaths, ledger: &mut Ledger) {
    let mode = mode(config);
    if paths.dev_mode {
        let mode = mode.or_derived("dev mode: every edit is a new generation", ReloadMode::Restart);
        ledger.note("gateway.reload.mode", mode);
        return;
    }
    ledger.note("gateway.reload.mode", mode.or_default(ReloadMode::Hybrid));
    ledger.note("gateway.reload.debounceMs", debounce(config));
}

fn mode(config: &Config) -> Choice<ReloadMode> {
    written("gateway.reload.mode", config.gateway.reload.mode)
}

fn debounce(config: &Config) -> Sourced<u64> {
    written("gateway.reload.debounceMs", config.gateway.reload.debounce_ms).or_default(DEBOUNCE_MS)
}
