//! What clients are told about skills: what each needs, what of that is missing, and what can be done. Pure.

use serde::Serialize;
use serde_json::Value;

use super::installer::{self, Taste};
use super::machine::Machine;
use super::metadata::Needs;
use super::scan::Skill;
use crate::config::Config;
use crate::config::schema::SkillEntry;

/// A place of the configuration that counts as true when nothing is said.
const TRUE_BY_DEFAULT: &str = "browser.enabled";

/// What a report is made from besides the skills.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The configuration.
    pub(crate) config: &'a Config,
    /// The same as values.
    pub(crate) values: &'a Value,
    /// The same without its secrets, for whoever reads the report.
    pub(crate) shown: &'a Value,
    /// The machine.
    pub(crate) machine: Machine<'a>,
}

/// One skill, as clients see it.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the published shape")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row<'a> {
    name: &'a str,
    description: &'a str,
    source: &'static str,
    file_path: String,
    base_dir: String,
    skill_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_env: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<&'a str>,
    always: bool,
    disabled: bool,
    /// Only skills that come with a program can be blocked, and none do.
    blocked_by_allowlist: bool,
    eligible: bool,
    requirements: &'a Needs,
    missing: Needs,
    config_checks: Vec<ConfigCheck<'a>>,
    install: Vec<Button<'a>>,
}

/// A place of the configuration that a skill needs.
#[derive(Debug, Serialize)]
struct ConfigCheck<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Value>,
    satisfied: bool,
}

/// A way to install what is missing.
#[derive(Debug, Serialize)]
struct Button<'a> {
    id: String,
    kind: &'static str,
    label: String,
    bins: &'a [String],
}

// === impl Report ===

impl<'a> Report<'a> {
    /// What is to be said about one skill.
    pub(crate) fn row(&self, skill: &'a Skill) -> Row<'a> {
        let head = &skill.head;
        let own = &head.metadata;
        let key = skill.key();
        let silent = SkillEntry::default();
        let entry = self.config.skills.entries.get(key).unwrap_or(&silent);
        let disabled = entry.enabled == Some(false);
        let checks: Vec<ConfigCheck<'_>> = own.needs.config.iter().map(|path| self.check(path)).collect();
        let missing = if own.always { Needs::default() } else { self.missing(skill, entry, &checks) };
        Row {
            name: &skill.name,
            description: &head.description,
            source: skill.source.name(),
            file_path: skill.file.to_string_lossy().into_owned(),
            base_dir: skill.directory.to_string_lossy().into_owned(),
            skill_key: key,
            primary_env: own.primary_env.as_deref(),
            emoji: own.emoji.as_deref(),
            homepage: head.homepage.as_deref(),
            always: own.always,
            disabled,
            blocked_by_allowlist: false,
            eligible: !disabled && missing.is_empty(),
            requirements: &own.needs,
            missing,
            config_checks: checks,
            install: self.buttons(skill),
        }
    }

    fn missing(&self, skill: &Skill, entry: &SkillEntry, checks: &[ConfigCheck<'_>]) -> Needs {
        let Needs { bins, any_bins, env, os, .. } = &skill.head.metadata.needs;
        let primary = skill.head.metadata.primary_env.as_deref();
        let has = |bin: &&String| (self.machine.has)(bin);
        let knows = |name: &&String| self.machine.knows(name, primary, entry, self.config);
        let unless = |fine: bool, all: &[String]| if fine { Vec::new() } else { all.to_vec() };
        Needs {
            bins: bins.iter().filter(|bin| !has(bin)).cloned().collect(),
            any_bins: unless(any_bins.iter().any(|bin| has(&bin)), any_bins),
            env: env.iter().filter(|name| !knows(name)).cloned().collect(),
            config: checks
                .iter()
                .filter(|check| !check.satisfied)
                .map(|check| check.path.to_owned())
                .collect(),
            os: unless(os.iter().any(|name| name == self.machine.os), os),
        }
    }

    fn check(&self, path: &'a str) -> ConfigCheck<'a> {
        let value = lookup(self.values, path);
        let satisfied = value.map_or(path == TRUE_BY_DEFAULT, is_true);
        ConfigCheck { path, value: lookup(self.shown, path).filter(|_| value.is_some()), satisfied }
    }

    fn buttons(&self, skill: &'a Skill) -> Vec<Button<'a>> {
        let install = &self.config.skills.install;
        let brew = install.prefer_brew != Some(false) && (self.machine.has)("brew");
        let offers = installer::offered(&skill.head.metadata.installers, Taste { os: self.machine.os, brew });
        let manager = install.node_manager.unwrap_or_default();
        let button = |offer: installer::Offer<'a>| Button {
            kind: offer.installer.kind.name(),
            label: offer.installer.label(manager),
            bins: &offer.installer.bins,
            id: offer.id,
        };
        offers.into_iter().map(button).collect()
    }
}

/// Every program that one of `skills` needs or installs, sorted.
pub(crate) fn bins(skills: &[Skill]) -> Vec<&str> {
    let mut bins: Vec<&str> = Vec::new();
    for own in skills.iter().map(|skill| &skill.head.metadata) {
        let installed = own.installers.iter().flat_map(|installer| &installer.bins);
        bins.extend(own.needs.bins.iter().chain(&own.needs.any_bins).chain(installed).map(String::as_str));
    }
    bins.sort_unstable();
    bins.dedup();
    bins
}

/// What stands at a dotted path.
fn lookup<'v>(document: &'v Value, path: &str) -> Option<&'v Value> {
    let keys = path.split('.').map(str::trim).filter(|key| !key.is_empty());
    keys.into_iter().try_fold(document, |value, key| match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    })
}

/// Whether a value counts as a yes.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests;
