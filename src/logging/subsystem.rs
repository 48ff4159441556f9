//! Names of the parts of the program, by which people and clients filter lines. Pure.
//!
//! Where a published name exists, the event says it (`target: subsystem::WS`); everywhere else the name follows
//! from the module.

use std::borrow::Cow;

/// The gateway itself: its start, its end, its listeners.
pub const GATEWAY: &str = "gateway";
/// Connections and requests.
pub const WS: &str = "gateway/ws";
/// The health summary.
pub const HEALTH: &str = "gateway/health";
/// Reloading of the configuration.
pub const RELOAD: &str = "gateway/reload";
/// Exposure through Tailscale.
pub const TAILSCALE: &str = "gateway/tailscale";

/// Segments that a terminal does not show at the front of a name.
const IMPLIED: [&str; 3] = ["gateway", "channels", "providers"];

/// The channels that the published program knows; of their names only the channel is shown.
const CHANNELS: [&str; 7] = ["telegram", "whatsapp", "discord", "googlechat", "slack", "signal", "imessage"];

/// The subsystem that a `tracing` target names; `None` for other crates, whose events are not logged.
pub(super) fn of(target: &str) -> Option<Cow<'_, str>> {
    if let Some(path) = target.strip_prefix("clawdbot::") {
        return Some(path.split("::").take(2).collect::<Vec<_>>().join("/").into());
    }
    let is_ours = matches!(target, "clawdbot" | GATEWAY) || target.starts_with("gateway/");
    is_ours.then_some(target.into())
}

/// The name as a terminal shows it.
pub(super) fn shown(name: &str) -> &str {
    let mut rest = name;
    while let Some((first, more)) = rest.split_once('/')
        && IMPLIED.contains(&first)
    {
        rest = more;
    }
    if IMPLIED.contains(&rest) {
        // Nothing would be left.
        return name;
    }
    match rest.split_once('/') {
        Some((first, _)) if CHANNELS.contains(&first) => first,
        _ => {
            let start = rest.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
            &rest[start..]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_targets() {
        for (target, expected) in [
            ("clawdbot::gateway::connection::task", Some("gateway/connection")),
            ("clawdbot::gateway", Some("gateway")),
            ("clawdbot", Some("clawdbot")),
            (WS, Some("gateway/ws")),
            (GATEWAY, Some("gateway")),
            ("hyper::proto", None),
            ("gateway_of_another_crate", None),
        ] {
            assert_eq!(of(target).as_deref(), expected, "{target}");
        }
    }

    #[test]
    fn a_terminal_shows_less_of_a_name() {
        for (name, expected) in [
            ("gateway", "gateway"),
            ("gateway/canvas", "canvas"),
            ("gateway/reload", "reload"),
            ("gateway/channels", "gateway/channels"),
            ("gateway/channels/telegram/inbound", "telegram"),
            ("telegram", "telegram"),
            ("browser/server", "browser/server"),
            ("gateway/a/b/c", "b/c"),
            ("", ""),
        ] {
            assert_eq!(shown(name), expected, "{name}");
        }
    }
}
