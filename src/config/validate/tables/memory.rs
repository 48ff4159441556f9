//! `memorySearch`, of the defaults and of one agent.

use super::super::kind::{COUNT, FLAG, Kind, Object, RATIO, SIZE, TEXT, TEXT_MAP, key, strict};

pub(super) static MEMORY_SEARCH: Object = strict(&[
    key("enabled", FLAG),
    key("sources", Kind::List(&Kind::Choice(&["memory", "sessions"]))),
    key("experimental", Kind::Object(&strict(&[key("sessionMemory", FLAG)]))),
    key("provider", Kind::Choice(&["openai", "local", "gemini"])),
    key("remote", Kind::Object(&REMOTE)),
    key("fallback", Kind::Choice(&["openai", "gemini", "local", "none"])),
    key("model", TEXT),
    key("local", Kind::Object(&strict(&[key("modelPath", TEXT), key("modelCacheDir", TEXT)]))),
    key("store", Kind::Object(&STORE)),
    key("chunking", Kind::Object(&strict(&[key("tokens", COUNT), key("overlap", SIZE)]))),
    key("sync", Kind::Object(&SYNC)),
    key("query", Kind::Object(&QUERY)),
    key("cache", Kind::Object(&strict(&[key("enabled", FLAG), key("maxEntries", COUNT)]))),
]);

static REMOTE: Object = strict(&[
    key("baseUrl", TEXT),
    key("apiKey", TEXT),
    key("headers", TEXT_MAP),
    key(
        "batch",
        Kind::Object(&strict(&[
            key("enabled", FLAG),
            key("wait", FLAG),
            key("concurrency", COUNT),
            key("pollIntervalMs", SIZE),
            key("timeoutMinutes", COUNT),
        ])),
    ),
]);

static STORE: Object = strict(&[
    key("driver", Kind::Only("sqlite")),
    key("path", TEXT),
    key("vector", Kind::Object(&strict(&[key("enabled", FLAG), key("extensionPath", TEXT)]))),
]);

static SYNC: Object = strict(&[
    key("onSessionStart", FLAG),
    key("onSearch", FLAG),
    key("watch", FLAG),
    key("watchDebounceMs", SIZE),
    key("intervalMinutes", SIZE),
    key("sessions", Kind::Object(&strict(&[key("deltaBytes", SIZE), key("deltaMessages", SIZE)]))),
]);

static QUERY: Object = strict(&[
    key("maxResults", COUNT),
    key("minScore", RATIO),
    key(
        "hybrid",
        Kind::Object(&strict(&[
            key("enabled", FLAG),
            key("vectorWeight", RATIO),
            key("textWeight", RATIO),
            key("candidateMultiplier", COUNT),
        ])),
    ),
]);
