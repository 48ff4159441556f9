//! `hooks`.

use super::super::kind::{COUNT, FLAG, Kind, Object, TEXT, TEXT_MAP, TEXTS, key, required, strict};

pub(super) static HOOKS: Object = strict(&[
    key("enabled", FLAG),
    key("path", TEXT),
    key("token", TEXT),
    key("maxBodyBytes", COUNT),
    key("presets", TEXTS),
    key("transformsDir", TEXT),
    key("mappings", Kind::List(&Kind::Object(&MAPPING))),
    key("gmail", Kind::Object(&GMAIL)),
    key("internal", Kind::Object(&INTERNAL)),
]);

static MAPPING: Object = strict(&[
    key("id", TEXT),
    key("match", Kind::Object(&strict(&[key("path", TEXT), key("source", TEXT)]))),
    key("action", Kind::Choice(&["wake", "agent"])),
    key("wakeMode", Kind::Choice(&["now", "next-heartbeat"])),
    key("name", TEXT),
    key("sessionKey", TEXT),
    key("messageTemplate", TEXT),
    key("textTemplate", TEXT),
    key("deliver", FLAG),
    key(
        "channel",
        Kind::Choice(&["last", "whatsapp", "telegram", "discord", "slack", "signal", "imessage", "msteams"]),
    ),
    key("to", TEXT),
    key("model", TEXT),
    key("thinking", TEXT),
    key("timeoutSeconds", COUNT),
    key("transform", Kind::Object(&strict(&[required("module", TEXT), key("export", TEXT)]))),
]);

static GMAIL: Object = strict(&[
    key("account", TEXT),
    key("label", TEXT),
    key("topic", TEXT),
    key("subscription", TEXT),
    key("pushToken", TEXT),
    key("hookUrl", TEXT),
    key("includeBody", FLAG),
    key("maxBytes", COUNT),
    key("renewEveryMinutes", COUNT),
    key("serve", Kind::Object(&strict(&[key("bind", TEXT), key("port", COUNT), key("path", TEXT)]))),
    key(
        "tailscale",
        Kind::Object(&strict(&[
            key("mode", Kind::Choice(&["off", "serve", "funnel"])),
            key("path", TEXT),
            key("target", TEXT),
        ])),
    ),
    key("model", TEXT),
    key("thinking", Kind::Choice(&["off", "minimal", "low", "medium", "high"])),
]);

static INTERNAL: Object = strict(&[
    key("enabled", FLAG),
    key(
        "handlers",
        Kind::List(&Kind::Object(&strict(&[
            required("event", TEXT),
            required("module", TEXT),
            key("export", TEXT),
        ]))),
    ),
    key("entries", Kind::Map(&Kind::Object(&strict(&[key("enabled", FLAG), key("env", TEXT_MAP)])))),
    key("load", Kind::Object(&strict(&[key("extraDirs", TEXTS)]))),
    key("installs", Kind::Map(&Kind::Object(&INSTALL))),
]);

static INSTALL: Object = strict(&[
    required("source", Kind::Choice(&["npm", "archive", "path"])),
    key("spec", TEXT),
    key("sourcePath", TEXT),
    key("installPath", TEXT),
    key("version", TEXT),
    key("installedAt", TEXT),
    key("hooks", TEXTS),
]);
