//! `agents`.

use super::super::kind::{
    COUNT, FLAG, Kind, Object, POSITIVE, RATIO, SIZE, TEXT, TEXT_MAP, TEXTS, TextRule, key, required, strict,
};
use super::memory::MEMORY_SEARCH;
use super::messages::GROUP_CHAT;
use super::sandbox::SANDBOX;
use super::session::TYPING_MODE;
use super::tools::AGENT_TOOLS;

pub(super) static AGENTS: Object =
    strict(&[key("defaults", Kind::Object(&DEFAULTS)), key("list", Kind::List(&Kind::Object(&AGENT)))]);

static DEFAULTS: Object = strict(&[
    // The published program accepts the object only.
    key("model", MODEL_OR_TEXT),
    key("imageModel", MODEL),
    key(
        "models",
        Kind::Map(&Kind::Object(&strict(&[key("alias", TEXT), key("params", Kind::Map(&Kind::Any))]))),
    ),
    key("workspace", TEXT),
    key("repoRoot", TEXT),
    key("skipBootstrap", FLAG),
    key("bootstrapMaxChars", COUNT),
    key("userTimezone", TEXT),
    key("timeFormat", Kind::Choice(&["auto", "12", "24"])),
    key("envelopeTimezone", TEXT),
    key("envelopeTimestamp", ON_OFF),
    key("envelopeElapsed", ON_OFF),
    key("contextTokens", COUNT),
    key("cliBackends", Kind::Map(&Kind::Object(&CLI_BACKEND))),
    key("memorySearch", Kind::Object(&MEMORY_SEARCH)),
    key("contextPruning", Kind::Object(&CONTEXT_PRUNING)),
    key("compaction", Kind::Object(&COMPACTION)),
    key("thinkingDefault", Kind::Choice(&["off", "minimal", "low", "medium", "high", "xhigh"])),
    key("verboseDefault", Kind::Choice(&["off", "on", "full"])),
    key("elevatedDefault", Kind::Choice(&["off", "on", "ask", "full"])),
    key("blockStreamingDefault", ON_OFF),
    key("blockStreamingBreak", Kind::Choice(&["text_end", "message_end"])),
    key("blockStreamingChunk", Kind::Object(&STREAMING_CHUNK)),
    key(
        "blockStreamingCoalesce",
        Kind::Object(&strict(&[key("minChars", COUNT), key("maxChars", COUNT), key("idleMs", SIZE)])),
    ),
    key("humanDelay", Kind::Object(&HUMAN_DELAY)),
    key("timeoutSeconds", COUNT),
    key("mediaMaxMb", POSITIVE),
    key("typingIntervalSeconds", COUNT),
    key("typingMode", TYPING_MODE),
    key("heartbeat", Kind::Object(&HEARTBEAT)),
    key("maxConcurrent", COUNT),
    key(
        "subagents",
        Kind::Object(&strict(&[
            key("maxConcurrent", COUNT),
            key("archiveAfterMinutes", COUNT),
            key("model", MODEL_OR_TEXT),
        ])),
    ),
    key("sandbox", Kind::Object(&SANDBOX)),
]);

static AGENT: Object = strict(&[
    required("id", TEXT),
    key("default", FLAG),
    key("name", TEXT),
    key("workspace", TEXT),
    key("agentDir", TEXT),
    key("model", MODEL_OR_TEXT),
    key("memorySearch", Kind::Object(&MEMORY_SEARCH)),
    key("humanDelay", Kind::Object(&HUMAN_DELAY)),
    key("heartbeat", Kind::Object(&HEARTBEAT)),
    key("identity", Kind::Object(&IDENTITY)),
    key("groupChat", Kind::Object(&GROUP_CHAT)),
    key("subagents", Kind::Object(&strict(&[key("allowAgents", TEXTS), key("model", MODEL_OR_TEXT)]))),
    key("sandbox", Kind::Object(&SANDBOX)),
    key("tools", Kind::Object(&AGENT_TOOLS)),
]);

const ON_OFF: Kind = Kind::Choice(&["on", "off"]);

const MODEL: Kind = Kind::Object(&strict(&[key("primary", TEXT), key("fallbacks", TEXTS)]));

const MODEL_OR_TEXT: Kind = Kind::Either(&[TEXT, MODEL]);

static IDENTITY: Object =
    strict(&[key("name", TEXT), key("theme", TEXT), key("emoji", TEXT), key("avatar", TEXT)]);

static HEARTBEAT: Object = strict(&[
    key("every", Kind::Text(TextRule::Duration)),
    key(
        "activeHours",
        Kind::Object(&strict(&[
            key("start", Kind::Text(TextRule::StartTime)),
            key("end", Kind::Text(TextRule::EndTime)),
            key("timezone", TEXT),
        ])),
    ),
    key("model", TEXT),
    key("session", TEXT),
    key("includeReasoning", FLAG),
    key("target", TEXT),
    key("to", TEXT),
    key("prompt", TEXT),
    key("ackMaxChars", SIZE),
]);

static HUMAN_DELAY: Object = strict(&[
    key("mode", Kind::Choice(&["off", "natural", "custom"])),
    key("minMs", SIZE),
    key("maxMs", SIZE),
]);

static STREAMING_CHUNK: Object = strict(&[
    key("minChars", COUNT),
    key("maxChars", COUNT),
    key("breakPreference", Kind::Choice(&["paragraph", "newline", "sentence"])),
]);

static CONTEXT_PRUNING: Object = strict(&[
    key("mode", Kind::Choice(&["off", "cache-ttl"])),
    key("ttl", TEXT),
    key("keepLastAssistants", SIZE),
    key("softTrimRatio", RATIO),
    key("hardClearRatio", RATIO),
    key("minPrunableToolChars", SIZE),
    key("tools", Kind::Object(&strict(&[key("allow", TEXTS), key("deny", TEXTS)]))),
    key(
        "softTrim",
        Kind::Object(&strict(&[key("maxChars", SIZE), key("headChars", SIZE), key("tailChars", SIZE)])),
    ),
    key("hardClear", Kind::Object(&strict(&[key("enabled", FLAG), key("placeholder", TEXT)]))),
]);

static COMPACTION: Object = strict(&[
    key("mode", Kind::Choice(&["default", "safeguard"])),
    key("reserveTokensFloor", SIZE),
    key(
        "memoryFlush",
        Kind::Object(&strict(&[
            key("enabled", FLAG),
            key("softThresholdTokens", SIZE),
            key("prompt", TEXT),
            key("systemPrompt", TEXT),
        ])),
    ),
]);

static CLI_BACKEND: Object = strict(&[
    required("command", TEXT),
    key("args", TEXTS),
    key("output", CLI_OUTPUT),
    key("resumeOutput", CLI_OUTPUT),
    key("input", Kind::Choice(&["arg", "stdin"])),
    key("maxPromptArgChars", COUNT),
    key("env", TEXT_MAP),
    key("clearEnv", TEXTS),
    key("modelArg", TEXT),
    key("modelAliases", TEXT_MAP),
    key("sessionArg", TEXT),
    key("sessionArgs", TEXTS),
    key("resumeArgs", TEXTS),
    key("sessionMode", Kind::Choice(&["always", "existing", "none"])),
    key("sessionIdFields", TEXTS),
    key("systemPromptArg", TEXT),
    key("systemPromptMode", Kind::Choice(&["append", "replace"])),
    key("systemPromptWhen", Kind::Choice(&["first", "always", "never"])),
    key("imageArg", TEXT),
    key("imageMode", Kind::Choice(&["repeat", "list"])),
    key("serialize", FLAG),
]);

const CLI_OUTPUT: Kind = Kind::Choice(&["json", "text", "jsonl"]);
