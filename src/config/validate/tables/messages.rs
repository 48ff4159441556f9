//! `messages` and `talk`.

use super::super::kind::{
    COUNT, FLAG, Kind, Object, RATIO, SIZE, TEXT, TEXT_MAP, TEXTS, integer, key, number, strict,
};

pub(super) static MESSAGES: Object = strict(&[
    key("messagePrefix", TEXT),
    key("responsePrefix", TEXT),
    key("groupChat", Kind::Object(&GROUP_CHAT)),
    key("queue", Kind::Object(&QUEUE)),
    key("inbound", Kind::Object(&strict(&[key("debounceMs", SIZE), key("byChannel", Kind::Map(&SIZE))]))),
    key("ackReaction", TEXT),
    key("ackReactionScope", Kind::Option(&["group-mentions", "group-all", "direct", "all"])),
    key("removeAckAfterReply", FLAG),
    key("tts", Kind::Object(&TTS)),
]);

/// How a group is listened to: of all messages, or of one agent.
pub(super) static GROUP_CHAT: Object = strict(&[key("mentionPatterns", TEXTS), key("historyLimit", COUNT)]);

const QUEUE_MODE: Kind =
    Kind::Choice(&["steer", "followup", "collect", "steer-backlog", "steer+backlog", "queue", "interrupt"]);

static QUEUE: Object = strict(&[
    key("mode", QUEUE_MODE),
    key("byChannel", Kind::Object(&QUEUE_BY_CHANNEL)),
    key("debounceMs", SIZE),
    key("debounceMsByChannel", Kind::Map(&SIZE)),
    key("cap", COUNT),
    key("drop", Kind::Choice(&["old", "new", "summarize"])),
]);

static QUEUE_BY_CHANNEL: Object = strict(&[
    key("whatsapp", QUEUE_MODE),
    key("telegram", QUEUE_MODE),
    key("discord", QUEUE_MODE),
    key("slack", QUEUE_MODE),
    key("mattermost", QUEUE_MODE),
    key("signal", QUEUE_MODE),
    key("imessage", QUEUE_MODE),
    key("msteams", QUEUE_MODE),
    key("webchat", QUEUE_MODE),
]);

const TIMEOUT: Kind = integer(1000.0, 120_000.0);

static TTS: Object = strict(&[
    key("auto", Kind::Option(&["off", "always", "inbound", "tagged"])),
    key("mode", Kind::Option(&["final", "all"])),
    key("provider", Kind::Option(&["elevenlabs", "openai", "edge"])),
    key("summaryModel", TEXT),
    key("modelOverrides", Kind::Object(&TTS_OVERRIDES)),
    key("elevenlabs", Kind::Object(&ELEVENLABS)),
    key("openai", Kind::Object(&strict(&[key("apiKey", TEXT), key("model", TEXT), key("voice", TEXT)]))),
    key("edge", Kind::Object(&EDGE)),
    key("prefsPath", TEXT),
    key("maxTextLength", COUNT),
    key("timeoutMs", TIMEOUT),
]);

static TTS_OVERRIDES: Object = strict(&[
    key("enabled", FLAG),
    key("allowText", FLAG),
    key("allowProvider", FLAG),
    key("allowVoice", FLAG),
    key("allowModelId", FLAG),
    key("allowVoiceSettings", FLAG),
    key("allowNormalization", FLAG),
    key("allowSeed", FLAG),
]);

static ELEVENLABS: Object = strict(&[
    key("apiKey", TEXT),
    key("baseUrl", TEXT),
    key("voiceId", TEXT),
    key("modelId", TEXT),
    key("seed", integer(0.0, 4_294_967_295.0)),
    key("applyTextNormalization", Kind::Option(&["auto", "on", "off"])),
    key("languageCode", TEXT),
    key(
        "voiceSettings",
        Kind::Object(&strict(&[
            key("stability", RATIO),
            key("similarityBoost", RATIO),
            key("style", RATIO),
            key("useSpeakerBoost", FLAG),
            key("speed", number(0.5, 2.0)),
        ])),
    ),
]);

static EDGE: Object = strict(&[
    key("enabled", FLAG),
    key("voice", TEXT),
    key("lang", TEXT),
    key("outputFormat", TEXT),
    key("pitch", TEXT),
    key("rate", TEXT),
    key("volume", TEXT),
    key("saveSubtitles", FLAG),
    key("proxy", TEXT),
    key("timeoutMs", TIMEOUT),
]);

pub(super) static TALK: Object = strict(&[
    key("voiceId", TEXT),
    key("voiceAliases", TEXT_MAP),
    key("modelId", TEXT),
    key("outputFormat", TEXT),
    key("apiKey", TEXT),
    key("interruptOnSpeech", FLAG),
]);
