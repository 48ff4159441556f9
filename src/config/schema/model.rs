//! A model choice: one reference, or a primary with fallbacks.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

/// Which model is used. Written as a string (the primary alone) or as `{primary, fallbacks}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelChoice {
    /// Model reference, for example `anthropic/claude-opus-4-5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// References to try when the primary fails, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
}

impl<'de> Deserialize<'de> for ModelChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModelVisitor)
    }
}

/// The object form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detailed {
    primary: Option<String>,
    #[serde(default)]
    fallbacks: Vec<String>,
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = ModelChoice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a model reference or {primary, fallbacks}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ModelChoice, E> {
        Ok(ModelChoice { primary: Some(text.to_owned()), fallbacks: Vec::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ModelChoice, A::Error> {
        let Detailed { primary, fallbacks } = Detailed::deserialize(MapAccessDeserializer::new(map))?;
        Ok(ModelChoice { primary, fallbacks })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(input: Value, primary: Option<&str>, fallbacks: &[&str]) {
        let choice: ModelChoice = serde_json::from_value(input).unwrap();
        assert_eq!(
            (choice.primary.as_deref(), choice.fallbacks),
            (primary, fallbacks.iter().map(|&f| f.into()).collect())
        );
    }

    #[test]
    fn a_string_is_the_primary() {
        check(json!("a/b"), Some("a/b"), &[]);
        check(json!({"primary": "a/b", "fallbacks": ["c/d"]}), Some("a/b"), &["c/d"]);
        check(json!({"fallbacks": ["c/d"]}), None, &["c/d"]);
        check(json!({}), None, &[]);
        assert!(serde_json::from_value::<ModelChoice>(json!(5)).is_err());
    }
}
