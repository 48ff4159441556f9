//! Which model a session may be given (`wire-protocol` D.4). Pure.

/// What the configuration says about models.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelRules {
    /// The default model, `provider/id`.
    pub(crate) default: String,
    /// The models of `agents.defaults.models` with their aliases. When there are any, others are not allowed.
    pub(crate) listed: Vec<(String, Option<String>)>,
}

/// Why a model cannot be had, in the published words.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ModelError {
    #[error("invalid model: empty")]
    Empty,
    #[error("invalid model: {0}")]
    Malformed(String),
    #[error("model not allowed: {0}")]
    NotAllowed(String),
}

// === impl ModelRules ===

impl ModelRules {
    /// The provider and the id of the model that a text means: an alias, `provider/id`, or an id of the default
    /// model's provider. `None` when it is the default model.
    pub(super) fn choose(&self, given: &str) -> Result<Option<(String, String)>, ModelError> {
        let given = given.trim();
        if given.is_empty() {
            return Err(ModelError::Empty);
        }
        let named = self.listed.iter().find(|(_, alias)| {
            alias.as_deref().is_some_and(|alias| alias.trim().eq_ignore_ascii_case(given))
        });
        let reference = named.map_or(given, |(reference, _)| reference);
        let (default_provider, _) = self.default.split_once('/').unwrap_or_default();
        let (provider, id) = reference.split_once('/').unwrap_or((default_provider, reference));
        let (provider, id) = (provider_name(provider), id.trim());
        if provider.is_empty() || id.is_empty() {
            return Err(ModelError::Malformed(given.to_owned()));
        }
        let model = format!("{provider}/{id}");
        if same(&model, &self.default) {
            return Ok(None);
        }
        if !self.listed.is_empty() && !self.listed.iter().any(|(listed, _)| same(listed, &model)) {
            return Err(ModelError::NotAllowed(model));
        }
        Ok(Some((provider, id.to_owned())))
    }
}

fn same(one: &str, other: &str) -> bool {
    let parts = |reference: &str| {
        let (provider, id) = reference.split_once('/')?;
        Some((provider_name(provider), id.trim().to_owned()))
    };
    parts(one) == parts(other)
}

/// Providers have one spelling.
fn provider_name(provider: &str) -> String {
    let provider = provider.trim().to_lowercase();
    if matches!(provider.as_str(), "z.ai" | "z-ai") { "zai".to_owned() } else { provider }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(listed: &[(&str, Option<&str>)], given: &str, expect: Result<Option<(&str, &str)>, &str>) {
        let listed = listed.iter().map(|(name, alias)| ((*name).to_owned(), alias.map(str::to_owned)));
        let rules = ModelRules { default: "anthropic/claude-opus-4-5".to_owned(), listed: listed.collect() };
        let found = rules.choose(given).map_err(|error| error.to_string());
        let found = found.as_ref().map(|model| model.as_ref().map(|(provider, id)| (&**provider, &**id)));
        assert_eq!(found.map_err(String::as_str), expect, "{given}");
    }

    #[test]
    fn any_model_may_be_chosen_unless_some_are_listed() {
        check(&[], "openai/gpt-5.2", Ok(Some(("openai", "gpt-5.2"))));
        check(&[], "OpenAI/GPT-4", Ok(Some(("openai", "GPT-4"))));
        check(&[], "a/b/c", Ok(Some(("a", "b/c"))));
        check(&[], "z.ai/glm", Ok(Some(("zai", "glm"))));
        check(&[], "bare-model", Ok(Some(("anthropic", "bare-model"))));
        check(&[], "anthropic/claude-opus-4-5", Ok(None));
        check(&[], "  ", Err("invalid model: empty"));
        check(&[], "/x", Err("invalid model: /x"));
        check(&[], "x/", Err("invalid model: x/"));
        let listed = [("openai/gpt-5.2", Some("gpt"))];
        check(&listed, "GPT", Ok(Some(("openai", "gpt-5.2"))));
        check(&listed, "OpenAI/gpt-5.2", Ok(Some(("openai", "gpt-5.2"))));
        check(&listed, "claude-opus-4-5", Ok(None));
        check(&listed, "openai/gpt-4", Err("model not allowed: openai/gpt-4"));
    }
}
