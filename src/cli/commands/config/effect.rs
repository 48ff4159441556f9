//! When a change of the configuration counts, told truthfully.

use crate::client::target::RunningGateway;
use crate::config::reload::{Verdict, decide};
use crate::config::write::Written;
use crate::config::{Config, effective_changes};
use crate::platform::lock::{Attempt, try_lock};
use crate::profile::ProfilePaths;
use crate::settings::reload_mode;

/// When a change counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applies {
    /// It makes no difference to a gateway.
    Always,
    /// The gateway that runs takes it over as it is.
    Hot,
    /// The gateway that runs starts anew by itself, on the same sockets.
    Reload,
    /// The gateway that runs has to be restarted.
    Restart,
    /// No gateway runs.
    NextStart,
}

/// What runs on a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Running {
    Harness,
    Gateway,
    Nothing,
}

impl Applies {
    /// Looks at what runs on the profile.
    pub(crate) fn find(written: &Written, paths: &ProfilePaths) -> Self {
        let running = if harness_runs(paths) {
            Running::Harness
        } else if RunningGateway::read(&paths.runtime_file).is_some() {
            Running::Gateway
        } else {
            Running::Nothing
        };
        let config = Config::from_resolved(&written.after.resolved);
        decided(running, &config, effective_changes(&written.before, &written.after))
    }

    /// For scripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Hot => "hot",
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::NextStart => "next-start",
        }
    }

    /// For people; that of `Restart` is the published program's.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Always => "It makes no difference to a gateway.",
            Self::Hot => "The running gateway takes it over by itself.",
            Self::Reload => "The running gateway reloads by itself.",
            Self::Restart => "Restart the gateway to apply.",
            Self::NextStart => "No gateway is running; it counts from the next start.",
        }
    }
}

fn decided(running: Running, config: &Config, changed: Vec<String>) -> Applies {
    if changed.is_empty() {
        return Applies::Always;
    }
    match running {
        Running::Nothing => Applies::NextStart,
        // Unless the configuration itself sets a mode, every edit is a new generation.
        Running::Harness if config.gateway.reload.mode.is_none() => Applies::Reload,
        Running::Harness | Running::Gateway => match decide(reload_mode(config), changed) {
            Verdict::Nothing => Applies::Always,
            Verdict::Apply { waiting, .. } if waiting.is_empty() => Applies::Hot,
            Verdict::Restart { .. } => Applies::Reload,
            Verdict::Apply { .. } | Verdict::Off { .. } => Applies::Restart,
        },
    }
}

fn harness_runs(paths: &ProfilePaths) -> bool {
    // Trying makes the file.
    paths.harness_lock.exists() && matches!(try_lock(&paths.harness_lock), Ok(Attempt::Busy(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema::ReloadMode;

    #[track_caller]
    fn check(running: Running, mode: Option<ReloadMode>, changed: &[&str], expected: Applies) {
        let changed = changed.iter().map(|path| (*path).to_owned()).collect();
        let mut config = Config::default();
        config.gateway.reload.mode = mode;
        assert_eq!(decided(running, &config, changed), expected);
    }

    #[test]
    fn what_runs_and_how_it_reloads_decide() {
        let port = &["gateway.port"][..];
        let agents = &["agents.list"][..];
        check(Running::Gateway, None, &[], Applies::Always);
        check(Running::Nothing, None, port, Applies::NextStart);
        check(Running::Harness, None, port, Applies::Reload);
        check(Running::Harness, Some(ReloadMode::Off), port, Applies::Restart);
        check(Running::Harness, Some(ReloadMode::Hybrid), agents, Applies::Hot);
        check(Running::Gateway, None, port, Applies::Reload);
        check(Running::Gateway, None, agents, Applies::Hot);
        check(Running::Gateway, Some(ReloadMode::Hot), port, Applies::Restart);
        check(Running::Gateway, Some(ReloadMode::Hot), agents, Applies::Hot);
        check(Running::Gateway, Some(ReloadMode::Restart), agents, Applies::Reload);
        check(Running::Gateway, Some(ReloadMode::Off), agents, Applies::Restart);
    }
}
