//! Which keys need what, as one table.

/// What it takes until a changed value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it is read whenever it is needed, or this gateway does not read it at all.
    Dynamic,
    /// A restart of the gateway.
    Restart,
}

/// The first row whose key is the path, or a parent of it, decides. The order and the keys are the published
/// program's (`gateway-cli` 10), with these differences: `meta` is no reason to do anything, and sections that this
/// gateway does not read do not restart it.
const RULES: [(&str, Effect); 38] = [
    ("meta", Effect::Dynamic),
    ("gateway.remote", Effect::Dynamic),
    ("gateway.reload", Effect::Dynamic),
    ("hooks", Effect::Dynamic),
    ("agent", Effect::Dynamic),
    ("agents", Effect::Dynamic),
    ("cron", Effect::Dynamic),
    ("browser", Effect::Dynamic),
    ("channels", Effect::Dynamic),
    ("web", Effect::Dynamic),
    ("identity", Effect::Dynamic),
    ("wizard", Effect::Dynamic),
    ("logging", Effect::Dynamic),
    ("models", Effect::Dynamic),
    ("tools", Effect::Dynamic),
    ("bindings", Effect::Dynamic),
    ("audio", Effect::Dynamic),
    ("routing", Effect::Dynamic),
    ("messages", Effect::Dynamic),
    ("session", Effect::Dynamic),
    ("talk", Effect::Dynamic),
    ("skills", Effect::Dynamic),
    ("ui", Effect::Dynamic),
    ("commands", Effect::Dynamic),
    ("auth", Effect::Dynamic),
    ("update", Effect::Dynamic),
    ("media", Effect::Dynamic),
    ("broadcast", Effect::Dynamic),
    ("approvals", Effect::Dynamic),
    ("diagnostics", Effect::Dynamic),
    ("nodeHost", Effect::Dynamic),
    ("memory", Effect::Dynamic),
    ("plugins", Effect::Dynamic),
    ("discovery", Effect::Dynamic),
    ("canvasHost", Effect::Dynamic),
    ("$schema", Effect::Dynamic),
    ("gateway", Effect::Restart),
    // Variables of the environment are taken over once.
    ("env", Effect::Restart),
];

/// What a change at this dotted path needs. A section that nobody thought of restarts, which is never wrong.
pub fn effect(path: &str) -> Effect {
    let covers =
        |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    RULES.iter().find(|(key, _)| covers(key)).map_or(Effect::Restart, |(_, effect)| *effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_covers_the_path_decides() {
        for (path, expected) in [
            ("gateway.remote.token", Effect::Dynamic),
            ("gateway.reload", Effect::Dynamic),
            ("gateway.reloading", Effect::Restart),
            ("gateway", Effect::Restart),
            ("gateway.auth.token", Effect::Restart),
            ("agents.list", Effect::Dynamic),
            ("agentsList", Effect::Restart),
            ("meta.lastTouchedAt", Effect::Dynamic),
            ("env.vars.A", Effect::Restart),
            ("something.new", Effect::Restart),
            ("", Effect::Restart),
        ] {
            assert_eq!(effect(path), expected, "{path}");
        }
    }

    #[test]
    fn no_row_is_hidden_by_an_earlier_one() {
        for (index, (key, _)) in RULES.iter().enumerate() {
            let first = RULES.iter().position(|(earlier, _)| {
                key.strip_prefix(earlier).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            assert_eq!(first, Some(index), "{key}");
        }
    }
}
