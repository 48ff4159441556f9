//! The settings of a session that take one of a few words, and the words that clients may write for them
//! (`wire-protocol` D.4). Pure.

use Meaning::{Default, Stored};

/// One such setting.
#[derive(Debug)]
pub(super) struct Choice {
    /// The member of the entry.
    pub(super) name: &'static str,
    /// What a refusal lists.
    pub(super) legal: &'static str,
    /// What there is to choose from, and every word for it.
    words: &'static [(Meaning, &'static [&'static str])],
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The default, which is not stored.
    Default,
    /// This is stored.
    Stored(&'static str),
}

/// The settings, in the order in which they are looked at.
pub(super) const CHOICES: [Choice; 8] = [
    Choice {
        name: "thinkingLevel",
        legal: "off|minimal|low|medium|high",
        words: &[
            (Default, &["off"]),
            (Stored("minimal"), &["minimal", "min", "think"]),
            (Stored("low"), &["low", "on", "enable", "enabled", "thinkhard", "think-hard", "think_hard"]),
            (Stored("medium"), &["medium", "med", "mid", "harder", "thinkharder", "think-harder"]),
            (Stored("high"), &["high", "max", "ultra", "ultrathink", "thinkhardest", "highest"]),
            (Stored(XHIGH), &["xhigh", "x-high", "x_high"]),
        ],
    },
    Choice {
        name: "verboseLevel",
        legal: r#""on"|"off""#,
        words: &[
            (Stored("off"), &["off", "false", "no", "0"]),
            (Stored("on"), &["on", "true", "yes", "1", "minimal"]),
            (Stored("full"), &["full", "all", "everything"]),
        ],
    },
    Choice {
        name: "reasoningLevel",
        legal: r#""on"|"off"|"stream""#,
        words: &[
            (Default, &["off", "false", "no", "0", "disable", "disabled", "hide", "hidden"]),
            (Stored("on"), &["on", "true", "yes", "1", "enable", "enabled", "show", "visible"]),
            (Stored("stream"), &["stream", "streaming", "draft", "live"]),
        ],
    },
    Choice {
        name: "responseUsage",
        legal: r#""off"|"tokens"|"full""#,
        words: &[(Default, &["off"]), (Stored("tokens"), &["tokens", "on"]), (Stored("full"), &["full"])],
    },
    Choice {
        name: "elevatedLevel",
        legal: r#""on"|"off"|"ask"|"full""#,
        words: &[
            (Stored("off"), &["off", "false", "no", "0"]),
            (Stored("on"), &["on", "true", "yes", "1"]),
            (Stored("ask"), &["ask", "prompt", "approval", "approve"]),
            (Stored("full"), &["full", "auto", "auto-approve"]),
        ],
    },
    Choice {
        name: "execHost",
        legal: r#""sandbox"|"gateway"|"node""#,
        words: &[
            (Stored("sandbox"), &["sandbox"]),
            (Stored("gateway"), &["gateway"]),
            (Stored("node"), &["node"]),
        ],
    },
    Choice {
        name: "execSecurity",
        legal: r#""deny"|"allowlist"|"full""#,
        words: &[
            (Stored("deny"), &["deny"]),
            (Stored("allowlist"), &["allowlist"]),
            (Stored("full"), &["full"]),
        ],
    },
    Choice {
        name: "execAsk",
        legal: r#""off"|"on-miss"|"always""#,
        words: &[
            (Stored("off"), &["off"]),
            (Stored("on-miss"), &["on-miss"]),
            (Stored("always"), &["always"]),
        ],
    },
];

/// The level that only some models have.
pub(super) const XHIGH: &str = "xhigh";

/// The models that have it.
pub(super) const XHIGH_MODELS: [&str; 3] =
    ["openai/gpt-5.2", "openai-codex/gpt-5.2-codex", "openai-codex/gpt-5.1-codex"];

// === impl Choice ===

impl Choice {
    /// What a word means, if anything. Case does not matter; blanks do but for `exec…`, as published.
    pub(super) fn read(&self, word: &str) -> Option<Meaning> {
        let word = if self.name.starts_with("exec") { word.trim() } else { word }.to_lowercase();
        self.words.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(meaning, _)| *meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, word: &str, expect: Option<Meaning>) {
        let choice = CHOICES.iter().find(|choice| choice.name == name).unwrap();
        assert_eq!(choice.read(word), expect, "{name} {word}");
    }

    #[test]
    fn words_mean_what_they_mean_to_the_published_gateway() {
        check("thinkingLevel", "HIGH", Some(Stored("high")));
        check("thinkingLevel", "on", Some(Stored("low")));
        check("thinkingLevel", "think_hard", Some(Stored("low")));
        check("thinkingLevel", "off", Some(Default));
        check("thinkingLevel", " high ", None);
        check("thinkingLevel", "true", None);
        check("verboseLevel", "off", Some(Stored("off")));
        check("verboseLevel", "minimal", Some(Stored("on")));
        check("verboseLevel", "disable", None);
        check("reasoningLevel", "off", Some(Default));
        check("reasoningLevel", "live", Some(Stored("stream")));
        check("responseUsage", "on", Some(Stored("tokens")));
        check("elevatedLevel", "approve", Some(Stored("ask")));
        check("elevatedLevel", "everything", None);
        check("execHost", " NODE ", Some(Stored("node")));
        check("execAsk", "onmiss", None);
    }
}
