//! `cron.*` (`wire-protocol` D.5).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::params::off_thread;
use crate::gateway::context::Gateway;
use crate::gateway::cron::{self, Change, CronError, tell};
use crate::gateway::rpc::payload::Payload;
use crate::protocol::error::RpcError;

/// Runs that are told when the client does not say how many.
const USUAL_LIMIT: usize = 200;

/// `cron.list`. Never waits for a run.
pub(crate) async fn list(gateway: &Gateway, params: &Value) -> Result<Payload, RpcError> {
    gateway.cron.ready().await.map_err(|error| refusal(&error))?;
    let with_disabled = params["includeDisabled"].as_bool().unwrap_or(false);
    let jobs = gateway.cron.book().listed(with_disabled);
    let text = off_thread(move || {
        let jobs: Vec<&Map<String, Value>> = jobs.iter().map(|job| &**job).collect();
        serde_json::to_string(&jobs)
    });
    let text = text.await?.map_err(|error| RpcError::unavailable(format!("Error: {error}")))?;
    Ok(Payload::Text(format!(r#"{{"jobs":{text}}}"#)))
}

/// `cron.status`.
pub(crate) async fn status(gateway: &Gateway) -> Result<Value, RpcError> {
    let cron = &gateway.cron;
    cron.ready().await.map_err(|error| refusal(&error))?;
    let wanted = cron.wanted();
    Ok(json!({
        "enabled": wanted.is_enabled,
        "storePath": wanted.store,
        "jobs": cron.book().len(),
        "nextWakeAtMs": cron.next_ms(),
    }))
}

/// `cron.add`.
pub(crate) async fn add(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let shared = Arc::clone(gateway);
    see_through(gateway, async move {
        let id = uuid::Uuid::new_v4().to_string();
        let added = shared.cron.change(|_, now_ms| {
            let job = cron::add(&params, &id, now_ms)?;
            Ok((vec![Change::Put(job.clone())], job))
        });
        let job = added.await?;
        tell(&shared, job.id(), "added", &[("nextRunAtMs", job.next_ms())]);
        Ok(job.to_value())
    })
    .await
}

/// `cron.update`.
pub(crate) async fn update(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let shared = Arc::clone(gateway);
    see_through(gateway, async move {
        let id = id_of(&params);
        let updated = shared.cron.change(|book, now_ms| {
            let job = book.get(id).ok_or_else(|| CronError::unknown(id))?;
            let job = cron::update(job, &params["patch"], now_ms)?;
            Ok((vec![Change::Put(job.clone())], job))
        });
        let job = updated.await?;
        tell(&shared, job.id(), "updated", &[("nextRunAtMs", job.next_ms())]);
        Ok(job.to_value())
    })
    .await
}

/// `cron.remove`.
pub(crate) async fn remove(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let shared = Arc::clone(gateway);
    see_through(gateway, async move {
        let id = id_of(&params);
        let removed = shared.cron.change(|book, _| {
            let known = book.get(id).map(|job| Change::Remove(Arc::clone(job.id())));
            let is_known = known.is_some();
            Ok((known.into_iter().collect(), is_known))
        });
        let removed = removed.await?;
        if removed {
            tell(&shared, id, "removed", &[]);
        }
        Ok(json!({ "ok": true, "removed": removed }))
    })
    .await
}

/// `cron.run`: answered when the run has ended.
pub(crate) async fn run(gateway: &Arc<Gateway>, params: Value) -> Result<Value, RpcError> {
    let shared = Arc::clone(gateway);
    see_through(gateway, async move {
        let is_forced = params["mode"] == "force";
        let answer = if cron::run_one(&shared, id_of(&params), is_forced).await? {
            json!({ "ok": true, "ran": true })
        } else {
            json!({ "ok": true, "ran": false, "reason": "not-due" })
        };
        Ok(answer)
    })
    .await
}

/// `cron.runs`.
pub(crate) async fn runs(gateway: &Gateway, params: &Value) -> Result<Value, RpcError> {
    gateway.cron.ready().await.map_err(|error| refusal(&error))?;
    let (store, id) = (gateway.cron.wanted().store, id_of(params).to_owned());
    let limit = params["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
    let entries = off_thread(move || cron::last(&store, &id, limit.unwrap_or(USUAL_LIMIT))).await?;
    let entries = entries.map_err(|error| RpcError::unavailable(format!("Error: {error}")))?;
    Ok(json!({ "entries": entries }))
}

/// Does what was asked to its end, as soon as the jobs are known.
async fn see_through(
    gateway: &Gateway,
    work: impl Future<Output = Result<Value, CronError>> + Send + 'static,
) -> Result<Value, RpcError> {
    gateway.cron.ready().await.map_err(|error| refusal(&error))?;
    gateway.cron.see_through(work).await.map_err(|error| refusal(&error))
}

/// The job that is meant.
fn id_of(params: &Value) -> &str {
    params["id"].as_str().or_else(|| params["jobId"].as_str()).unwrap_or_default()
}

fn refusal(error: &CronError) -> RpcError {
    RpcError::unavailable(error.to_string())
}
