//! `skills.*` (`wire-protocol` D.3).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::payload::Payload;
use super::params::{off_thread, parse};
use crate::config::{self, Config, Outcome as Read};
use crate::gateway::agents::expand_home;
use crate::gateway::context::Gateway;
use crate::gateway::live::Live;
use crate::gateway::redact;
use crate::gateway::skills::{self, Found, Machine, Outcome, Report, Roots, Tools, scan};
use crate::platform::exec::SystemRunner;
use crate::platform::{host, in_path};
use crate::profile::{ProfilePaths, vars};
use crate::protocol::error::RpcError;

/// How long an installation may take when nothing is said, and however much is; the published figures.
const PATIENCE_MS: u64 = 5 * 60 * 1000;
const LONGEST_MS: u64 = 15 * 60 * 1000;

/// Parameters of `skills.install`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstallParams {
    name: String,
    install_id: String,
    timeout_ms: Option<u64>,
}

/// Parameters of `skills.update`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateParams {
    skill_key: String,
    enabled: Option<bool>,
    api_key: Option<String>,
    env: Option<BTreeMap<String, String>>,
}

/// What skills are looked at with. The configuration is that of the file, which need not be the one that the gateway
/// runs with: whoever has changed it wants to see what comes of it.
struct View {
    live: Arc<Live>,
    paths: ProfilePaths,
    config: Config,
    values: Value,
    shown: Value,
}

/// `skills.status`: the skills of the default agent.
pub(crate) async fn status(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let turn = gateway.skills.read().await;
    let (live, paths, workspace) = (gateway.live(), gateway.paths.clone(), default_workspace(gateway));
    off_thread(move || {
        let _turn = turn;
        let view = View::read(live, paths);
        let roots = view.roots(&workspace);
        let found = scan(&roots);
        let path = view.live.env.raw(vars::PATH);
        let has = |name: &str| in_path::find(name, path).is_some();
        let machine = Machine { os: host::facts().os, env: &view.live.env, has: &has };
        let report = Report { config: &view.config, values: &view.values, shown: &view.shown, machine };
        let rows: Vec<_> = found.skills.iter().map(|skill| report.row(skill)).collect();
        let mut answer =
            json!({ "workspaceDir": workspace, "managedSkillsDir": roots.managed, "skills": rows });
        if !found.skipped.is_empty() {
            answer["skipped"] = skipped(&found);
        }
        answer
    })
    .await
}

/// `skills.bins`: of the skills of all agents.
pub(crate) async fn bins(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let turn = gateway.skills.read().await;
    let (live, paths) = (gateway.live(), gateway.paths.clone());
    let own = live.roster.agents().iter().filter_map(|agent| gateway.workspace_of(&agent.id));
    let workspaces: BTreeSet<PathBuf> = own.chain([default_workspace(gateway)]).collect();
    off_thread(move || {
        let _turn = turn;
        let view = View::read(live, paths);
        let found: Vec<Found> = workspaces.into_iter().map(|own| scan(&view.roots(&own))).collect();
        let bins: BTreeSet<&str> = found.iter().flat_map(|found| skills::bins(&found.skills)).collect();
        json!({ "bins": bins })
    })
    .await
}

/// `skills.install`: what a skill of the default agent needs. A failure has a result too.
pub(crate) async fn install(gateway: &Arc<Gateway>, params: Value) -> Result<Payload, RpcError> {
    let InstallParams { name, install_id, timeout_ms } = parse("skills.install", params)?;
    let limit = Duration::from_millis(timeout_ms.unwrap_or(PATIENCE_MS).min(LONGEST_MS));
    let deadline = Instant::now() + limit;
    let (live, paths, workspace) = (gateway.live(), gateway.paths.clone(), default_workspace(gateway));
    let Some(turn) = gateway.skills.install(limit).await else {
        let message = "another installation is still running; retry when it has ended";
        return Ok(answer(&Outcome::refused(message)));
    };
    let cancel = gateway.skills.cancel();
    let outcome = off_thread(move || {
        let _turn = turn;
        let view = View::read(live, paths);
        let found = scan(&view.roots(&workspace));
        let Some(skill) = found.get(&name) else {
            return Outcome::refused(format!("Skill not found: {name}"));
        };
        let installers = &skill.head.metadata.installers;
        let Some(installer) = skills::named(installers, &install_id, host::facts().os) else {
            return Outcome::refused(format!("Installer not found: {install_id}"));
        };
        let tools = Tools {
            runner: &SystemRunner,
            path: view.live.env.raw(vars::PATH),
            home: &view.paths.home,
            downloads: view.paths.state_dir.join("tools").join(folder(skill.key())),
            manager: view.config.skills.install.node_manager.unwrap_or_default(),
            limit,
            deadline,
            cancel,
        };
        let outcome = tools.install(installer);
        tracing::info!(skill = name, installer = install_id, ok = outcome.ok, "ran an installer of a skill");
        outcome
    });
    Ok(answer(&outcome.await?))
}

/// `skills.update`: `skills.entries.KEY` of the configuration.
pub(crate) async fn update(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let UpdateParams { skill_key, enabled, api_key, env } = parse("skills.update", params)?;
    let entry = patch_of(enabled, api_key.as_deref(), env.as_ref());
    let patch = json!({ "skills": { "entries": { skill_key.as_str(): entry } } });
    let config = super::config::merge(gateway, patch).await?;
    Ok(json!({ "ok": true, "config": config["skills"]["entries"][&skill_key], "skillKey": skill_key }))
}

// === impl View ===

impl View {
    fn read(live: Arc<Live>, paths: ProfilePaths) -> Self {
        let (snapshot, written) = config::load_with_references(&paths.config_path, &live.env);
        let is_usable = !matches!(snapshot.outcome, Read::Invalid(_));
        let values = if is_usable { snapshot.resolved } else { live.snapshot.resolved.clone() };
        let mut shown = values.clone();
        if is_usable {
            redact::resolved(&mut shown, &written);
        } else {
            redact::value(&mut shown);
        }
        Self { config: Config::from_resolved(&values), live, paths, values, shown }
    }

    fn roots(&self, workspace: &Path) -> Roots {
        let beside = self.paths.config_path.parent().unwrap_or(&self.paths.home);
        let extra =
            self.config.skills.load.extra_dirs.iter().filter(|directory| !directory.trim().is_empty());
        Roots {
            extra: extra.map(|directory| beside.join(expand_home(directory, &self.paths.home))).collect(),
            managed: self.paths.state_dir.join("skills"),
            workspace: workspace.join("skills"),
        }
    }
}

/// The workspace of the default agent.
fn default_workspace(gateway: &Gateway) -> PathBuf {
    let live = gateway.live();
    gateway.workspace_of(live.roster.default_id()).unwrap_or_else(|| live.settings.workspace.clone())
}

/// What was found and cannot be used: not published, and only there when there is some.
fn skipped(found: &Found) -> Value {
    let row = |(path, reason): &(PathBuf, String)| json!({ "path": path, "reason": reason });
    found.skipped.iter().map(row).collect()
}

fn answer(outcome: &Outcome) -> Payload {
    let payload = json!(outcome);
    if outcome.ok {
        Payload::Value(payload)
    } else {
        Payload::Failed(payload, RpcError::unavailable(outcome.message.clone()))
    }
}

/// A key as the name of a folder, which leads nowhere else.
fn folder(key: &str) -> String {
    let legal = |c: char| if c.is_alphanumeric() || "-_.@ ".contains(c) { c } else { '-' };
    let name: String = key.chars().map(legal).collect();
    if name.trim_matches(['.', ' ']).is_empty() { "skill".to_owned() } else { name }
}

/// The change to an entry, as a merge patch: what is blank is removed.
fn patch_of(enabled: Option<bool>, api_key: Option<&str>, env: Option<&BTreeMap<String, String>>) -> Value {
    let some = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut patch = Map::new();
    if let Some(enabled) = enabled {
        patch.insert("enabled".to_owned(), enabled.into());
    }
    if let Some(key) = api_key {
        patch.insert("apiKey".to_owned(), json!(some(key)));
    }
    if let Some(env) = env {
        let pairs = env.iter().filter_map(|(name, value)| Some((some(name)?, json!(some(value)))));
        patch.insert("env".to_owned(), Value::Object(pairs.collect()));
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches() {
        let env = BTreeMap::from([
            (" A ".into(), " v ".into()),
            ("B".into(), " ".into()),
            (" ".into(), "x".into()),
        ]);
        assert_eq!(patch_of(None, None, None), json!({}));
        assert_eq!(
            patch_of(Some(false), Some(" k\n"), Some(&env)),
            json!({ "enabled": false, "apiKey": "k", "env": { "A": "v", "B": null } })
        );
        assert_eq!(patch_of(None, Some("  "), None), json!({ "apiKey": null }));
    }

    #[test]
    fn folders_stay_where_they_are() {
        for (key, expected) in
            [("a-b", "a-b"), ("../../x", "..-..-x"), ("..", "skill"), (" ", "skill"), ("", "skill")]
        {
            assert_eq!(folder(key), expected);
        }
    }
}
