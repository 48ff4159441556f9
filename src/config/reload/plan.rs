//! Mode and changed paths → what to do.

use serde_json::Value;

use super::rules::{Effect, effect};
use crate::config::diff::{child_path, diff};
use crate::config::schema::ReloadMode;

/// What an edit leads to. Paths are dotted; every changed one is named exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that counts has changed.
    Nothing,
    /// Edits are not acted upon; the paths wait for a restart.
    Off {
        /// All of them.
        waiting: Vec<String>,
    },
    /// Take the new values over in place.
    Apply {
        /// What counts from now on.
        applied: Vec<String>,
        /// What keeps its old value until the gateway is restarted.
        waiting: Vec<String>,
    },
    /// Start a new gateway on the same sockets.
    Restart {
        /// The paths that need it; all changed ones in the mode that always restarts.
        reasons: Vec<String>,
        /// The other changed paths.
        applied: Vec<String>,
    },
}

/// Decides about `changed`, the dotted paths of [`effective_changes`](crate::config::effective_changes).
pub fn decide(mode: ReloadMode, changed: Vec<String>) -> Verdict {
    if changed.is_empty() {
        return Verdict::Nothing;
    }
    let (needing, dynamic): (Vec<String>, Vec<String>) =
        changed.into_iter().partition(|path| effect(path) == Effect::Restart);
    match mode {
        // How to reload is always taken over: it is what the person has just decided.
        ReloadMode::Off => match [needing, dynamic].concat() {
            all if all.iter().all(|path| is_about_reloading(path)) => {
                Verdict::Apply { applied: all, waiting: Vec::new() }
            }
            all => {
                Verdict::Off { waiting: all.into_iter().filter(|path| !is_about_reloading(path)).collect() }
            }
        },
        ReloadMode::Restart => Verdict::Restart { reasons: [needing, dynamic].concat(), applied: Vec::new() },
        ReloadMode::Hybrid if !needing.is_empty() => Verdict::Restart { reasons: needing, applied: dynamic },
        ReloadMode::Hot | ReloadMode::Hybrid => Verdict::Apply { applied: dynamic, waiting: needing },
    }
}

fn is_about_reloading(path: &str) -> bool {
    path.strip_prefix("gateway.reload").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// `new` with the values of `old` wherever a restart is needed: what a gateway runs with that takes over the rest
/// in place.
pub fn hold(old: &Value, new: &Value) -> Value {
    let mut held = new.clone();
    restore(old, &mut held, "");
    held
}

fn restore(old: &Value, new: &mut Value, path: &str) {
    if old == new || diff(old, new).iter().all(|below| effect(&absolute(path, below)) == Effect::Dynamic) {
        return;
    }
    let (Value::Object(before), Value::Object(after)) = (old, &mut *new) else {
        new.clone_from(old);
        return;
    };
    let added: Vec<String> = after
        .keys()
        .filter(|key| !before.contains_key(*key) && effect(&child_path(path, key)) == Effect::Restart)
        .cloned()
        .collect();
    for key in added {
        after.shift_remove(&key);
    }
    for (key, value) in before {
        let below = child_path(path, key);
        match after.get_mut(key) {
            Some(now) => restore(value, now, &below),
            None if effect(&below) == Effect::Restart => {
                after.insert(key.clone(), value.clone());
            }
            None => {}
        }
    }
}

/// A path that [`diff`] reported for a part of the document.
fn absolute(path: &str, below: &str) -> String {
    if below.is_empty() { path.to_owned() } else { child_path(path, below) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_mode_decides() {
        let changed = || paths(&["agents.list", "gateway.port"]);
        let (agents, port) = (paths(&["agents.list"]), paths(&["gateway.port"]));
        let both = paths(&["gateway.port", "agents.list"]);
        for (mode, expected) in [
            (ReloadMode::Off, Verdict::Off { waiting: both.clone() }),
            (ReloadMode::Restart, Verdict::Restart { reasons: both, applied: Vec::new() }),
            (ReloadMode::Hybrid, Verdict::Restart { reasons: port.clone(), applied: agents.clone() }),
            (ReloadMode::Hot, Verdict::Apply { applied: agents.clone(), waiting: port }),
        ] {
            assert_eq!(decide(mode, changed()), expected, "{mode:?}");
        }
        let mode = paths(&["gateway.reload.mode"]);
        let applied = Verdict::Apply { applied: mode.clone(), waiting: Vec::new() };
        assert_eq!(decide(ReloadMode::Off, mode.clone()), applied);
        let waiting = agents.clone();
        assert_eq!(decide(ReloadMode::Off, [mode, agents.clone()].concat()), Verdict::Off { waiting });
        let applied = Verdict::Apply { applied: agents.clone(), waiting: Vec::new() };
        assert_eq!(decide(ReloadMode::Hybrid, agents), applied);
        for mode in [ReloadMode::Off, ReloadMode::Restart, ReloadMode::Hybrid, ReloadMode::Hot] {
            assert_eq!(decide(mode, Vec::new()), Verdict::Nothing);
        }
    }

    #[test]
    fn what_needs_a_restart_keeps_its_value() {
        let old = json!({
            "gateway": { "port": 1, "auth": { "token": "a" }, "reload": { "mode": "hot" } },
            "agents": { "list": [1] },
        });
        let new = json!({
            "gateway": { "port": 2, "bind": "lan", "reload": { "mode": "hot", "debounceMs": 0 } },
            "agents": { "list": [2] },
            "env": { "A": "b" },
            "ui": {},
        });
        let held = hold(&old, &new);
        assert_eq!(
            held,
            json!({
                "gateway": { "port": 1, "auth": { "token": "a" }, "reload": { "mode": "hot", "debounceMs": 0 } },
                "agents": { "list": [2] },
                "ui": {},
            })
        );
        assert_eq!(decide(ReloadMode::Hybrid, diff(&old, &held)), {
            let applied = paths(&["gateway.reload.debounceMs", "agents.list", "ui"]);
            Verdict::Apply { applied, waiting: Vec::new() }
        });
        assert_eq!(hold(&old, &old), old);
    }
}
