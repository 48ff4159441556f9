//! The HTTP hooks: where they are, what opens them, and how much they take.

use super::ledger::{Ledger, written};
use super::{Refusal, Secret};
use crate::config::Config;

/// Exit code of a start that fails again until somebody changes something.
const BLOCKED: u8 = 78;

/// The published default of `hooks.path`.
const PATH: &str = "/hooks";

/// The published default of `hooks.maxBodyBytes`.
const MAX_BODY_BYTES: u64 = 256 * 1024;

/// More than this is not held in memory for a caller, whatever the configuration says.
const LARGEST_BODY_BYTES: u64 = 32 * 1024 * 1024;

/// Hooks as resolved.
#[derive(Debug, Clone)]
pub struct HookSettings {
    /// Below which path they are: a slash first, none last.
    pub path: String,
    /// What every caller has to know; never empty.
    pub token: Secret,
    /// The longest body.
    pub max_body_bytes: u64,
}

/// The settings of the hooks; `None` when they are off.
pub(super) fn resolve(config: &Config, ledger: &mut Ledger) -> Result<Option<HookSettings>, Refusal> {
    let hooks = &config.hooks;
    let is_on = ledger.note("hooks.enabled", written("hooks.enabled", hooks.enabled).or_default(false));
    if !is_on {
        return Ok(None);
    }
    let refuse = |message: &str| Err(Refusal { exit_code: BLOCKED, message: message.to_owned() });
    let Some(token) =
        hooks.token.as_ref().map(|token| token.expose().trim()).filter(|token| !token.is_empty())
    else {
        return refuse("hooks.enabled requires hooks.token\nSet hooks.token, or hooks.enabled=false.");
    };
    let Some(path) = path(hooks.path.as_deref()) else {
        return refuse(
            "hooks.path may not be '/'\nSet hooks.path to a path of its own, or leave it out for /hooks.",
        );
    };
    let max_body_bytes = hooks.max_body_bytes.filter(|&bytes| bytes > 0).unwrap_or(MAX_BODY_BYTES);
    Ok(Some(HookSettings {
        path,
        token: Secret::new(token),
        max_body_bytes: max_body_bytes.min(LARGEST_BODY_BYTES),
    }))
}

/// The path with a slash first and none last; `None` for the root, below which everything is.
fn path(configured: Option<&str>) -> Option<String> {
    let path = configured.map(str::trim).filter(|path| !path.is_empty()).unwrap_or(PATH);
    let path = path.trim_matches('/');
    (!path.is_empty()).then(|| format!("/{path}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(hooks: &Value, expected: Result<Option<(&str, u64)>, &str>) {
        let found = resolve(&Config::from_resolved(&json!({ "hooks": hooks })), &mut Ledger::default());
        let found = found.map_err(|refusal| refusal.message);
        let found = match &found {
            Ok(settings) => {
                Ok(settings.as_ref().map(|settings| (settings.path.as_str(), settings.max_body_bytes)))
            }
            Err(message) => Err(message.lines().next().unwrap_or_default()),
        };
        assert_eq!(found, expected, "{hooks}");
    }

    #[test]
    fn they_are_off_unless_enabled() {
        check(&json!({}), Ok(None));
        check(&json!({ "token": "t" }), Ok(None));
        check(&json!({ "enabled": false, "path": "/" }), Ok(None));
    }

    #[test]
    fn nobody_gets_in_without_a_token() {
        let refused = Err("hooks.enabled requires hooks.token");
        check(&json!({ "enabled": true }), refused);
        check(&json!({ "enabled": true, "token": " " }), refused);
        check(&json!({ "enabled": true, "token": "t" }), Ok(Some(("/hooks", 262_144))));
    }

    #[test]
    fn paths_have_one_spelling_and_are_never_everything() {
        let with = |path: &str| json!({ "enabled": true, "token": "t", "path": path });
        for (path, expected) in
            [("in", "/in"), ("/in/", "/in"), (" /a/b// ", "/a/b"), ("", "/hooks"), ("  ", "/hooks")]
        {
            check(&with(path), Ok(Some((expected, 262_144))));
        }
        for path in ["/", "//", " / "] {
            check(&with(path), Err("hooks.path may not be '/'"));
        }
    }

    #[test]
    fn bodies_are_bounded() {
        let with = |bytes: u64| json!({ "enabled": true, "token": "t", "maxBodyBytes": bytes });
        check(&with(10), Ok(Some(("/hooks", 10))));
        check(&with(u64::MAX >> 12), Ok(Some(("/hooks", LARGEST_BODY_BYTES))));
    }
}
