//! What both ways of asking say.

use crate::settings::BindMode;

/// Said before anything else.
pub(crate) const RISK: &str = "The gateway's agents run commands on this machine,\n\
                               with everything that you may do.\n\
                               Read: https://docs.clawd.bot/security";

/// Where a gateway can listen without further settings, and what that means.
pub(crate) const BIND_MODES: [(BindMode, &str); 4] = [
    (BindMode::Loopback, "this machine alone"),
    (BindMode::Lan, "every network of this machine"),
    (BindMode::Tailnet, "the tailnet"),
    (BindMode::Auto, "as lan; loopback without authentication"),
];

/// The name of a mode in the configuration.
pub(crate) fn bind_name(bind: BindMode) -> &'static str {
    match bind {
        BindMode::Loopback => "loopback",
        BindMode::Lan => "lan",
        BindMode::Tailnet => "tailnet",
        BindMode::Auto => "auto",
        BindMode::Custom => "custom",
    }
}
