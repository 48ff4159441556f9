//! `tools`, of the whole gateway and of one agent.

use super::super::kind::{
    COUNT, FLAG, FROM_ZERO, Kind, NOT_EMPTY, NUMBER, Object, SIZE, TEXT, TEXT_MAP, TEXTS, key, required,
    strict,
};
use super::session::POLICY;

pub(super) static TOOLS: Object = strict(&[
    key("profile", PROFILE),
    key("allow", TEXTS),
    key("deny", TEXTS),
    key("byProvider", BY_PROVIDER),
    key(
        "web",
        Kind::Object(&strict(&[key("search", Kind::Object(&SEARCH)), key("fetch", Kind::Object(&FETCH))])),
    ),
    key("media", Kind::Object(&MEDIA)),
    key("links", Kind::Object(&LINKS)),
    key("message", Kind::Object(&MESSAGE)),
    key("agentToAgent", Kind::Object(&strict(&[key("enabled", FLAG), key("allow", TEXTS)]))),
    key("elevated", Kind::Object(&ELEVATED)),
    key("exec", Kind::Object(&EXEC)),
    key("subagents", Kind::Object(&TOOL_LISTS)),
    key("sandbox", Kind::Object(&TOOL_LISTS)),
]);

/// `agents.list[].tools`.
pub(super) static AGENT_TOOLS: Object = strict(&[
    key("profile", PROFILE),
    key("allow", TEXTS),
    key("deny", TEXTS),
    key("byProvider", BY_PROVIDER),
    key("elevated", Kind::Object(&ELEVATED)),
    key("exec", Kind::Object(&EXEC)),
    key("sandbox", Kind::Object(&TOOL_LISTS)),
]);

const PROFILE: Kind = Kind::Choice(&["minimal", "coding", "messaging", "full"]);

const BY_PROVIDER: Kind =
    Kind::Map(&Kind::Object(&strict(&[key("allow", TEXTS), key("deny", TEXTS), key("profile", PROFILE)])));

static TOOL_LISTS: Object =
    strict(&[key("tools", Kind::Object(&strict(&[key("allow", TEXTS), key("deny", TEXTS)])))]);

static ELEVATED: Object =
    strict(&[key("enabled", FLAG), key("allowFrom", Kind::Map(&Kind::List(&Kind::Either(&[TEXT, NUMBER]))))]);

static EXEC: Object = strict(&[
    key("host", Kind::Option(&["sandbox", "gateway", "node"])),
    key("security", Kind::Option(&["deny", "allowlist", "full"])),
    key("ask", Kind::Option(&["off", "on-miss", "always"])),
    key("node", TEXT),
    key("pathPrepend", TEXTS),
    key("safeBins", TEXTS),
    key("backgroundMs", COUNT),
    key("timeoutSec", COUNT),
    // The published program accepts it for one agent only.
    key("approvalRunningNoticeMs", SIZE),
    key("cleanupMs", COUNT),
    key("notifyOnExit", FLAG),
    key("applyPatch", Kind::Object(&strict(&[key("enabled", FLAG), key("allowModels", TEXTS)]))),
]);

static SEARCH: Object = strict(&[
    key("enabled", FLAG),
    key("provider", Kind::Choice(&["brave", "perplexity"])),
    key("apiKey", TEXT),
    key("maxResults", COUNT),
    key("timeoutSeconds", COUNT),
    key("cacheTtlMinutes", FROM_ZERO),
    key(
        "perplexity",
        Kind::Object(&strict(&[key("apiKey", TEXT), key("baseUrl", TEXT), key("model", TEXT)])),
    ),
]);

static FETCH: Object = strict(&[
    key("enabled", FLAG),
    key("maxChars", COUNT),
    key("timeoutSeconds", COUNT),
    key("cacheTtlMinutes", FROM_ZERO),
    key("maxRedirects", SIZE),
    key("userAgent", TEXT),
]);

static MEDIA: Object = strict(&[
    key("models", MEDIA_MODELS),
    key("concurrency", COUNT),
    key("image", Kind::Object(&MEDIA_KIND)),
    key("audio", Kind::Object(&MEDIA_KIND)),
    key("video", Kind::Object(&MEDIA_KIND)),
]);

const MEDIA_MODELS: Kind = Kind::List(&Kind::Object(&MEDIA_MODEL));

const PROVIDER_OPTIONS: Kind = Kind::Map(&Kind::Map(&Kind::Either(&[TEXT, NUMBER, FLAG])));

const DEEPGRAM: Kind =
    Kind::Object(&strict(&[key("detectLanguage", FLAG), key("punctuate", FLAG), key("smartFormat", FLAG)]));

static MEDIA_MODEL: Object = strict(&[
    key("provider", TEXT),
    key("model", TEXT),
    key("capabilities", Kind::List(&Kind::Choice(&["image", "audio", "video"]))),
    key("type", Kind::Choice(&["provider", "cli"])),
    key("command", TEXT),
    key("args", TEXTS),
    key("prompt", TEXT),
    key("maxChars", COUNT),
    key("maxBytes", COUNT),
    key("timeoutSeconds", COUNT),
    key("language", TEXT),
    key("providerOptions", PROVIDER_OPTIONS),
    key("deepgram", DEEPGRAM),
    key("baseUrl", TEXT),
    key("headers", TEXT_MAP),
    key("profile", TEXT),
    key("preferredProfile", TEXT),
]);

static MEDIA_KIND: Object = strict(&[
    key("enabled", FLAG),
    key("scope", Kind::Object(&POLICY)),
    key("maxBytes", COUNT),
    key("maxChars", COUNT),
    key("prompt", TEXT),
    key("timeoutSeconds", COUNT),
    key("language", TEXT),
    key("providerOptions", PROVIDER_OPTIONS),
    key("deepgram", DEEPGRAM),
    key("baseUrl", TEXT),
    key("headers", TEXT_MAP),
    key(
        "attachments",
        Kind::Object(&strict(&[
            key("mode", Kind::Choice(&["first", "all"])),
            key("maxAttachments", COUNT),
            key("prefer", Kind::Choice(&["first", "last", "path", "url"])),
        ])),
    ),
    key("models", MEDIA_MODELS),
]);

static LINKS: Object = strict(&[
    key("enabled", FLAG),
    key("scope", Kind::Object(&POLICY)),
    key("maxLinks", COUNT),
    key("timeoutSeconds", COUNT),
    key(
        "models",
        Kind::List(&Kind::Object(&strict(&[
            key("type", Kind::Only("cli")),
            required("command", NOT_EMPTY),
            key("args", TEXTS),
            key("timeoutSeconds", COUNT),
        ]))),
    ),
]);

static MESSAGE: Object = strict(&[
    key("allowCrossContextSend", FLAG),
    key(
        "crossContext",
        Kind::Object(&strict(&[
            key("allowWithinProvider", FLAG),
            key("allowAcrossProviders", FLAG),
            key(
                "marker",
                Kind::Object(&strict(&[key("enabled", FLAG), key("prefix", TEXT), key("suffix", TEXT)])),
            ),
        ])),
    ),
    key("broadcast", Kind::Object(&strict(&[key("enabled", FLAG)]))),
]);
