//! What was resolved, and from which source: written down where it is decided, so that nobody finds it out again.

use serde::Serialize;
use serde_json::Value;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line.
    Flag(&'static str),
    /// A variable of the environment, or of the profile's `.env`.
    Environment(&'static str),
    /// A value of the configuration, by its dotted path.
    Config(String),
    /// Another setting, or the machine.
    Derived(&'static str),
    /// Nothing else said anything.
    Default,
}

/// One setting of a gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name: the dotted path of the configuration that has a say in it, or what people call it.
    pub name: &'static str,
    /// What it is; `null` when it is not set.
    pub value: Value,
    /// Whether the value must not be shown.
    pub secret: bool,
    /// Where it comes from.
    pub source: Source,
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sourced<T> {
    pub(super) value: T,
    pub(super) source: Source,
}

/// The value of the first source that has one.
#[derive(Debug, Clone)]
pub(super) struct Choice<T>(Option<Sourced<T>>);

/// What was decided so far.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<Setting>);

impl Source {
    /// How people know it.
    pub fn name(&self) -> &str {
        match self {
            Self::Flag(name) | Self::Environment(name) | Self::Derived(name) => name,
            Self::Config(path) => path,
            Self::Default => "default",
        }
    }
}

/// Asks the command line.
pub(super) fn flag<T>(name: &'static str, value: Option<T>) -> Choice<T> {
    Choice::none().or(Source::Flag(name), value)
}

/// Asks the configuration, where there is neither an option nor a variable.
pub(super) fn written<T>(path: &str, value: Option<T>) -> Choice<T> {
    Choice::none().or_config(path, value)
}

impl<T> Choice<T> {
    /// Nobody has said anything.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// The value, if anybody has one.
    pub(super) fn found(self) -> Option<Sourced<T>> {
        self.0
    }

    /// Then the environment.
    pub(super) fn or_env(self, name: &'static str, value: Option<T>) -> Self {
        self.or(Source::Environment(name), value)
    }

    /// Then the configuration.
    pub(super) fn or_config(self, path: &str, value: Option<T>) -> Self {
        // The path is made only when it is needed.
        if self.0.is_some() || value.is_none() {
            self
        } else {
            self.or(Source::Config(path.to_owned()), value)
        }
    }

    /// Then what follows from something else.
    pub(super) fn or_derived(self, why: &'static str, value: T) -> Sourced<T> {
        self.0.unwrap_or(Sourced { value, source: Source::Derived(why) })
    }

    /// Then the default.
    pub(super) fn or_default(self, value: T) -> Sourced<T> {
        self.0.unwrap_or(Sourced { value, source: Source::Default })
    }

    fn or(self, source: Source, value: Option<T>) -> Self {
        Self(self.0.or_else(|| value.map(|value| Sourced { value, source })))
    }
}

impl Ledger {
    /// Writes a setting down, and hands its value on.
    pub(super) fn note<T: Serialize>(&mut self, name: &'static str, setting: Sourced<T>) -> T {
        self.write(name, Some(&setting.value), false, setting.source);
        setting.value
    }

    /// The same for a setting that may be absent.
    pub(super) fn note_optional<T: Serialize>(
        &mut self,
        name: &'static str,
        setting: Choice<T>,
    ) -> Option<T> {
        self.optional(name, setting.0, false)
    }

    /// The same for a secret.
    pub(super) fn note_secret<T: Serialize>(
        &mut self,
        name: &'static str,
        setting: Option<Sourced<T>>,
    ) -> Option<T> {
        self.optional(name, setting, true)
    }

    /// Everything that was written down, in that order.
    pub(super) fn settings(self) -> Vec<Setting> {
        self.0
    }

    fn optional<T: Serialize>(
        &mut self,
        name: &'static str,
        setting: Option<Sourced<T>>,
        secret: bool,
    ) -> Option<T> {
        let Some(Sourced { value, source }) = setting else {
            self.write(name, None::<&T>, secret, Source::Default);
            return None;
        };
        self.write(name, Some(&value), secret, source);
        Some(value)
    }

    fn write<T: Serialize>(&mut self, name: &'static str, value: Option<&T>, secret: bool, source: Source) {
        // No setting is of a kind that JSON has no form for.
        let value = value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or(Value::Null);
        self.0.push(Setting { name, value, secret, source });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_source_that_has_a_value_wins() {
        let choose = |typed: Option<u8>, exported: Option<u8>, written: Option<u8>| {
            flag("--x", typed).or_env("X", exported).or_config("a.x", written).or_default(9)
        };
        let check =
            |found: Sourced<u8>, value: u8, source: Source| assert_eq!(found, Sourced { value, source });
        check(choose(Some(1), Some(2), Some(3)), 1, Source::Flag("--x"));
        check(choose(None, Some(2), Some(3)), 2, Source::Environment("X"));
        check(choose(None, None, Some(3)), 3, Source::Config("a.x".to_owned()));
        check(choose(None, None, None), 9, Source::Default);
    }

    #[test]
    fn what_is_noted_is_handed_on() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.note("a", flag("--a", Some(1)).or_default(2)), 1);
        assert_eq!(ledger.note_optional::<u8>("b", written("b", None)), None);
        let secret = Sourced { value: "s", source: Source::Default };
        assert_eq!(ledger.note_secret("c", Some(secret)), Some("s"));
        let settings = ledger.settings();
        assert_eq!(
            settings.iter().map(|setting| (setting.name, &setting.value, setting.secret)).collect::<Vec<_>>(),
            [("a", &json!(1), false), ("b", &Value::Null, false), ("c", &json!("s"), true)]
        );
    }
}
