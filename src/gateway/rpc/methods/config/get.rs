//! `config.get`, with the secrets taken out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::params;
use crate::config::{self, ConfigSnapshot, Issue, Outcome};
use crate::gateway::context::Gateway;
use crate::gateway::redact;
use crate::protocol::error::RpcError;

/// `config.get`: the file as it is now, which need not be the one that the gateway runs with. The hash is that
/// of the true text, so that a client can tell whether the file changed.
pub(crate) async fn get(gateway: &Arc<Gateway>) -> Result<Value, RpcError> {
    let gateway = Arc::clone(gateway);
    params::off_thread(move || {
        let (snapshot, written) =
            config::load_with_references(&gateway.paths.config_path, &gateway.live().env);
        render(&snapshot, &written)
    })
    .await
}

fn render(snapshot: &ConfigSnapshot, written: &Value) -> Value {
    let mut parsed = snapshot.parsed.clone();
    redact::value(&mut parsed);
    let (valid, issues) = match &snapshot.outcome {
        Outcome::Missing | Outcome::Valid => (true, &[][..]),
        Outcome::Invalid(issues) => (false, issues.as_slice()),
    };
    let mut config = if valid { snapshot.resolved.clone() } else { json!({}) };
    redact::resolved(&mut config, written);
    json!({
        "path": snapshot.path,
        "exists": snapshot.outcome != Outcome::Missing,
        "raw": snapshot.raw.as_deref().and_then(redact::text),
        "parsed": parsed,
        "valid": valid,
        "config": config,
        "hash": snapshot.hash,
        "issues": issues.iter().map(short).collect::<Vec<_>>(),
        "warnings": snapshot.warnings.iter().map(short).collect::<Vec<_>>(),
        "legacyIssues": [],
    })
}

/// An issue as clients know it.
pub(super) fn short(issue: &Issue) -> Value {
    json!({ "path": issue.path, "message": issue.message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::EnvMap;

    #[test]
    fn variables_in_included_files_are_not_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("clawdbot.json");
        std::fs::write(&path, "{ $include: './more.json' }").unwrap();
        std::fs::write(
            directory.path().join("more.json"),
            r#"{ "agents": { "defaults": { "workspace": "${W}" } } }"#,
        )
        .unwrap();
        let env = EnvMap::from([("W", "hidden")]);
        let (snapshot, written) = config::load_with_references(&path, &env);
        let shown = render(&snapshot, &written);
        assert_eq!(shown["config"]["agents"]["defaults"]["workspace"], "${W}", "{shown}");
        assert!(!shown.to_string().contains("hidden"), "{shown}");
    }
}
