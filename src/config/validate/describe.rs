//! What the keys that people set most often mean, in one sentence.

/// Dotted path, meaning. `[]` stands for the items of a list.
pub(super) const DESCRIPTIONS: &[(&str, &str)] = &[
    ("gateway", "The gateway: where it listens, and who may connect."),
    ("gateway.mode", "Whether the gateway runs on this machine; a start is refused unless it says local."),
    ("gateway.port", "Port of WebSocket and HTTP; 18789 when unset."),
    (
        "gateway.bind",
        "Which addresses it listens on; loopback when unset. All but loopback and auto need auth.",
    ),
    ("gateway.customBindHost", "The address for the bind mode custom."),
    ("gateway.auth.mode", "How clients authenticate; when unset it follows from what is set."),
    ("gateway.auth.token", "The token that clients send; ${VARIABLE} keeps it out of this file."),
    ("gateway.auth.password", "The password that clients send; ${VARIABLE} keeps it out of this file."),
    ("gateway.auth.allowTailscale", "Whether a verified Tailscale identity is enough."),
    ("gateway.trustedProxies", "IP addresses of proxies whose forwarding headers are believed."),
    ("gateway.controlUi.enabled", "Whether the Control UI is served; true when unset."),
    ("gateway.controlUi.basePath", "Path below which it is served, for example /ui; the root when unset."),
    ("gateway.controlUi.root", "Directory of its built files; those of an installed package when unset."),
    ("gateway.controlUi.allowedOrigins", "Origins of web pages that may connect besides the gateway's own."),
    ("gateway.controlUi.allowInsecureAuth", "Whether a browser may connect without a device identity."),
    ("gateway.tailscale.mode", "Whether Tailscale exposes the gateway, and to whom."),
    ("gateway.tailscale.resetOnExit", "Whether the exposure ends with the gateway."),
    ("gateway.remote", "Where clients on this machine find a gateway on another one."),
    ("gateway.reload.mode", "What an edit of this file does to a running gateway."),
    ("gateway.reload.debounceMs", "Quiet time before an edit counts, in milliseconds."),
    ("gateway.tls", "TLS on the gateway's port."),
    ("agents.defaults.workspace", "Workspace of every agent that names none."),
    ("agents.defaults.model", "Model of every agent that names none, for example anthropic/claude-opus-4-5."),
    ("agents.list", "The agents; the first with default: true is the default one, else the first."),
    ("logging.level", "How much goes to the log file; info when unset."),
    ("logging.file", "The log file; logs/gateway.log in the state directory when unset."),
    ("logging.consoleLevel", "How much goes to the terminal."),
    ("logging.consoleStyle", "Form of the lines on the terminal."),
    ("commands.restart", "Whether SIGUSR1 and clients may restart the gateway."),
    ("env", "Variables for the gateway and what it starts, unless the environment has them."),
];

/// The meaning of a key, where one is written down.
pub(super) fn describe(path: &str) -> Option<&'static str> {
    DESCRIPTIONS.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}
