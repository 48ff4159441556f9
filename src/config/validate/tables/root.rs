//! The top level, and the sections that are too small for a file of their own.

use super::super::kind::{
    COUNT, FLAG, Kind, NOT_EMPTY, NUMBER, Object, PORT, POSITIVE, RATIO, SIZE, TEXT, TEXT_MAP, TEXTS,
    TextRule, integer, key, open, required, strict,
};
use super::{agents, browser, gateway, hooks, messages, models, plugins, session, tools};

pub(in super::super) static ROOT: Object = strict(&[
    key("meta", Kind::Object(&META)),
    key("env", Kind::Object(&ENV)),
    key("wizard", Kind::Object(&WIZARD)),
    key("diagnostics", Kind::Object(&DIAGNOSTICS)),
    key("logging", Kind::Object(&LOGGING)),
    key("update", Kind::Object(&UPDATE)),
    key("browser", Kind::Object(&browser::BROWSER)),
    key("ui", Kind::Object(&UI)),
    key("auth", Kind::Object(&models::AUTH)),
    key("models", Kind::Object(&models::MODELS)),
    key("nodeHost", Kind::Object(&browser::NODE_HOST)),
    key("agents", Kind::Object(&agents::AGENTS)),
    key("tools", Kind::Object(&tools::TOOLS)),
    key("bindings", Kind::List(&Kind::Object(&BINDING))),
    key("broadcast", Kind::Object(&BROADCAST)),
    key("audio", Kind::Object(&AUDIO)),
    key("media", Kind::Object(&strict(&[key("preserveFilenames", FLAG)]))),
    key("messages", Kind::Object(&messages::MESSAGES)),
    key("commands", Kind::Object(&COMMANDS)),
    key("approvals", Kind::Object(&APPROVALS)),
    key("session", Kind::Object(&session::SESSION)),
    key("cron", Kind::Object(&CRON)),
    key("hooks", Kind::Object(&hooks::HOOKS)),
    key("web", Kind::Object(&WEB)),
    // The keys of a channel belong to its plugin.
    key("channels", Kind::Map(&Kind::Map(&Kind::Any))),
    key(
        "discovery",
        Kind::Object(&strict(&[key("wideArea", Kind::Object(&strict(&[key("enabled", FLAG)])))])),
    ),
    key("canvasHost", Kind::Object(&CANVAS_HOST)),
    key("talk", Kind::Object(&messages::TALK)),
    key("gateway", Kind::Object(&gateway::GATEWAY)),
    key("skills", Kind::Object(&plugins::SKILLS)),
    key("plugins", Kind::Object(&plugins::PLUGINS)),
]);

static META: Object = strict(&[key("lastTouchedVersion", TEXT), key("lastTouchedAt", TEXT)]);

static ENV: Object = open(
    &[
        key("shellEnv", Kind::Object(&strict(&[key("enabled", FLAG), key("timeoutMs", SIZE)]))),
        key("vars", TEXT_MAP),
    ],
    TEXT,
);

static WIZARD: Object = strict(&[
    key("lastRunAt", TEXT),
    key("lastRunVersion", TEXT),
    key("lastRunCommit", TEXT),
    key("lastRunCommand", TEXT),
    key("lastRunMode", Kind::Choice(&["local", "remote"])),
]);

static DIAGNOSTICS: Object = strict(&[
    key("enabled", FLAG),
    key("flags", TEXTS),
    key("otel", Kind::Object(&OTEL)),
    key("cacheTrace", Kind::Object(&CACHE_TRACE)),
]);

static OTEL: Object = strict(&[
    key("enabled", FLAG),
    key("endpoint", TEXT),
    key("protocol", Kind::Choice(&["http/protobuf", "grpc"])),
    key("headers", TEXT_MAP),
    key("serviceName", TEXT),
    key("traces", FLAG),
    key("metrics", FLAG),
    key("logs", FLAG),
    key("sampleRate", RATIO),
    key("flushIntervalMs", SIZE),
]);

static CACHE_TRACE: Object = strict(&[
    key("enabled", FLAG),
    key("filePath", TEXT),
    key("includeMessages", FLAG),
    key("includePrompt", FLAG),
    key("includeSystem", FLAG),
]);

const LEVEL: Kind = Kind::Choice(&["silent", "fatal", "error", "warn", "info", "debug", "trace"]);

static LOGGING: Object = strict(&[
    key("level", LEVEL),
    key("file", TEXT),
    key("consoleLevel", LEVEL),
    key("consoleStyle", Kind::Choice(&["pretty", "compact", "json"])),
    key("redactSensitive", Kind::Choice(&["off", "tools"])),
    key("redactPatterns", TEXTS),
]);

static UPDATE: Object =
    strict(&[key("channel", Kind::Choice(&["stable", "beta", "dev"])), key("checkOnStart", FLAG)]);

static UI: Object = strict(&[
    key("seamColor", Kind::Text(TextRule::Color)),
    key(
        "assistant",
        Kind::Object(&strict(&[
            key("name", Kind::Text(TextRule::AtMost(50))),
            key("avatar", Kind::Text(TextRule::AtMost(200))),
        ])),
    ),
]);

static BINDING: Object = strict(&[required("agentId", TEXT), required("match", Kind::Object(&MATCH))]);

static MATCH: Object = strict(&[
    required("channel", TEXT),
    key("accountId", TEXT),
    key(
        "peer",
        Kind::Object(&strict(&[
            required("kind", Kind::Choice(&["dm", "group", "channel"])),
            required("id", TEXT),
        ])),
    ),
    key("guildId", TEXT),
    key("teamId", TEXT),
]);

static BROADCAST: Object = open(&[key("strategy", Kind::Option(&["parallel", "sequential"]))], TEXTS);

static AUDIO: Object = strict(&[key(
    "transcription",
    Kind::Object(&strict(&[required("command", TEXTS), key("timeoutSeconds", COUNT)])),
)]);

const FLAG_OR_AUTO: Kind = Kind::Either(&[FLAG, Kind::Choice(&["auto"])]);

static COMMANDS: Object = strict(&[
    key("native", FLAG_OR_AUTO),
    key("nativeSkills", FLAG_OR_AUTO),
    key("text", FLAG),
    key("bash", FLAG),
    key("bashForegroundMs", integer(0.0, 30_000.0)),
    key("config", FLAG),
    key("debug", FLAG),
    key("restart", FLAG),
    key("useAccessGroups", FLAG),
]);

static APPROVALS: Object = strict(&[key(
    "exec",
    Kind::Object(&strict(&[
        key("enabled", FLAG),
        key("mode", Kind::Choice(&["session", "targets", "both"])),
        key("agentFilter", TEXTS),
        key("sessionFilter", TEXTS),
        key("targets", Kind::List(&Kind::Object(&APPROVAL_TARGET))),
    ])),
)]);

static APPROVAL_TARGET: Object = strict(&[
    required("channel", NOT_EMPTY),
    required("to", NOT_EMPTY),
    key("accountId", TEXT),
    key("threadId", Kind::Either(&[TEXT, NUMBER])),
]);

static CRON: Object = strict(&[key("enabled", FLAG), key("store", TEXT), key("maxConcurrentRuns", COUNT)]);

static WEB: Object = strict(&[
    key("enabled", FLAG),
    key("heartbeatSeconds", COUNT),
    key(
        "reconnect",
        Kind::Object(&strict(&[
            key("initialMs", POSITIVE),
            key("maxMs", POSITIVE),
            key("factor", POSITIVE),
            key("jitter", RATIO),
            key("maxAttempts", SIZE),
        ])),
    ),
]);

static CANVAS_HOST: Object =
    strict(&[key("enabled", FLAG), key("root", TEXT), key("port", PORT), key("liveReload", FLAG)]);
