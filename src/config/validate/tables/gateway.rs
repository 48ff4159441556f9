//! `gateway`.

use super::super::kind::{COUNT, FLAG, Kind, Object, PORT, SIZE, TEXT, TEXTS, key, open, strict};

pub(super) static GATEWAY: Object = strict(&[
    key("port", PORT),
    key("mode", Kind::Choice(&["local", "remote"])),
    key("bind", Kind::Choice(&["auto", "lan", "loopback", "custom", "tailnet"])),
    // Ours: the published program has the bind mode and refuses its address.
    key("customBindHost", TEXT),
    key("controlUi", Kind::Object(&CONTROL_UI)),
    key("auth", Kind::Object(&AUTH)),
    key("trustedProxies", TEXTS),
    key(
        "tailscale",
        Kind::Object(&strict(&[
            key("mode", Kind::Choice(&["off", "serve", "funnel"])),
            key("resetOnExit", FLAG),
        ])),
    ),
    key("remote", Kind::Object(&REMOTE)),
    key(
        "reload",
        Kind::Object(&strict(&[
            key("mode", Kind::Choice(&["off", "restart", "hot", "hybrid"])),
            key("debounceMs", SIZE),
        ])),
    ),
    key("tls", Kind::Object(&TLS)),
    key("http", Kind::Object(&strict(&[key("endpoints", Kind::Object(&ENDPOINTS))]))),
    key("nodes", Kind::Object(&NODES)),
]);

static CONTROL_UI: Object = strict(&[
    key("enabled", FLAG),
    key("basePath", TEXT),
    key("allowInsecureAuth", FLAG),
    // Ours.
    key("allowedOrigins", TEXTS),
    key("root", TEXT),
]);

static AUTH: Object = strict(&[
    key("mode", Kind::Choice(&["token", "password"])),
    key("token", TEXT),
    key("password", TEXT),
    key("allowTailscale", FLAG),
]);

static REMOTE: Object = strict(&[
    key("url", TEXT),
    key("transport", Kind::Choice(&["ssh", "direct"])),
    key("token", TEXT),
    key("password", TEXT),
    key("tlsFingerprint", TEXT),
    key("sshTarget", TEXT),
    key("sshIdentity", TEXT),
]);

static TLS: Object = open(
    &[
        key("enabled", FLAG),
        key("autoGenerate", FLAG),
        key("certPath", TEXT),
        key("keyPath", TEXT),
        key("caPath", TEXT),
    ],
    Kind::Any,
);

static ENDPOINTS: Object = strict(&[
    key("chatCompletions", Kind::Object(&strict(&[key("enabled", FLAG)]))),
    key("responses", Kind::Object(&RESPONSES)),
]);

static RESPONSES: Object = strict(&[
    key("enabled", FLAG),
    key("maxBodyBytes", COUNT),
    key("files", Kind::Object(&FILES)),
    key("images", Kind::Object(&IMAGES)),
]);

static FILES: Object = strict(&[
    key("allowUrl", FLAG),
    key("allowedMimes", TEXTS),
    key("maxBytes", COUNT),
    key("maxChars", COUNT),
    key("maxRedirects", SIZE),
    key("timeoutMs", COUNT),
    key(
        "pdf",
        Kind::Object(&strict(&[key("maxPages", COUNT), key("maxPixels", COUNT), key("minTextChars", SIZE)])),
    ),
]);

static IMAGES: Object = strict(&[
    key("allowUrl", FLAG),
    key("allowedMimes", TEXTS),
    key("maxBytes", COUNT),
    key("maxRedirects", SIZE),
    key("timeoutMs", COUNT),
]);

static NODES: Object = strict(&[
    key(
        "browser",
        Kind::Object(&strict(&[key("mode", Kind::Choice(&["auto", "manual", "off"])), key("node", TEXT)])),
    ),
    key("allowCommands", TEXTS),
    key("denyCommands", TEXTS),
]);
