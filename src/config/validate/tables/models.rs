//! `models` and `auth`.

use super::super::kind::{
    COUNT, FLAG, Kind, NOT_EMPTY, NUMBER, Object, POSITIVE, SIZE, TEXT, TEXT_MAP, TEXTS, key, required,
    strict,
};

pub(super) static AUTH: Object = strict(&[
    key("profiles", Kind::Map(&Kind::Object(&AUTH_PROFILE))),
    key("order", Kind::Map(&TEXTS)),
    key(
        "cooldowns",
        Kind::Object(&strict(&[
            key("billingBackoffHours", POSITIVE),
            key("billingBackoffHoursByProvider", Kind::Map(&POSITIVE)),
            key("billingMaxHours", POSITIVE),
            key("failureWindowHours", POSITIVE),
        ])),
    ),
]);

static AUTH_PROFILE: Object = strict(&[
    required("provider", TEXT),
    required("mode", Kind::Choice(&["api_key", "oauth", "token"])),
    key("email", TEXT),
]);

pub(super) static MODELS: Object = strict(&[
    key("mode", Kind::Choice(&["merge", "replace"])),
    key("providers", Kind::Map(&Kind::Object(&PROVIDER))),
    key("bedrockDiscovery", Kind::Object(&BEDROCK)),
]);

const API: Kind = Kind::Choice(&[
    "openai-completions",
    "openai-responses",
    "anthropic-messages",
    "google-generative-ai",
    "github-copilot",
    "bedrock-converse-stream",
]);

static PROVIDER: Object = strict(&[
    required("baseUrl", NOT_EMPTY),
    key("apiKey", TEXT),
    key("auth", Kind::Choice(&["api-key", "aws-sdk", "oauth", "token"])),
    key("api", API),
    key("headers", TEXT_MAP),
    key("authHeader", FLAG),
    required("models", Kind::List(&Kind::Object(&MODEL))),
]);

static MODEL: Object = strict(&[
    required("id", NOT_EMPTY),
    required("name", NOT_EMPTY),
    key("api", API),
    key("reasoning", FLAG),
    key("input", Kind::List(&Kind::Choice(&["text", "image"]))),
    key(
        "cost",
        Kind::Object(&strict(&[
            key("input", NUMBER),
            key("output", NUMBER),
            key("cacheRead", NUMBER),
            key("cacheWrite", NUMBER),
        ])),
    ),
    key("contextWindow", POSITIVE),
    key("maxTokens", POSITIVE),
    key("headers", TEXT_MAP),
    key("compat", Kind::Object(&COMPAT)),
]);

static COMPAT: Object = strict(&[
    key("supportsStore", FLAG),
    key("supportsDeveloperRole", FLAG),
    key("supportsReasoningEffort", FLAG),
    key("maxTokensField", Kind::Choice(&["max_completion_tokens", "max_tokens"])),
]);

static BEDROCK: Object = strict(&[
    key("enabled", FLAG),
    key("region", TEXT),
    key("providerFilter", TEXTS),
    key("refreshInterval", SIZE),
    key("defaultContextWindow", COUNT),
    key("defaultMaxTokens", COUNT),
]);
