//! Running jobs: marked, delivered, noted.
//!
//! The order decides what a crash can do. A run is marked in the journal before anything is delivered, so that no crash
//! makes a job run twice for the same moment. What became of it stands in the run log before the mark is taken away, so
//! that a run which a crash cut off is found, and told as what it was.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::book::Change;
use super::job::{Ended, Job, Outcome};
use super::runs;
use super::scheduler::{CronError, off_thread};
use crate::gateway::agents;
use crate::gateway::context::Gateway;
use crate::gateway::events::{EventFrame, EventName};

/// Jobs that are marked at once. What they deliver takes no time; a run that takes some needs a mark of its own.
const BATCH: usize = 256;

/// What becomes of a run that a crash cut off.
const CUT_OFF: &str = "interrupted: the gateway ended while this run was under way; it is not repeated";

/// Tells everybody about a job. `facts` follow `jobId` and `action`.
pub(crate) fn tell(gateway: &Gateway, job_id: &str, action: &str, facts: &[(&str, Option<u64>)]) {
    let mut told = Map::new();
    told.insert("jobId".to_owned(), job_id.into());
    told.insert("action".to_owned(), action.into());
    for (name, value) in facts {
        told.extend(value.map(|value| ((*name).to_owned(), value.into())));
    }
    broadcast(gateway, told);
}

fn broadcast(gateway: &Gateway, told: Map<String, Value>) {
    gateway.clients.broadcast(&EventFrame::new(EventName::Cron, &Value::Object(told), None));
}

/// Runs everything that is due.
pub(crate) async fn run_due(gateway: &Arc<Gateway>) -> Result<(), CronError> {
    let cron = &gateway.cron;
    let _alone = cron.running.lock().await;
    while !cron.closing.is_cancelled() {
        let marked = cron.change(|book, now_ms| Ok(mark(book.due(now_ms, BATCH), now_ms))).await?;
        if marked.is_empty() {
            break;
        }
        perform(gateway, marked).await;
    }
    Ok(())
}

/// Runs one job, due or not; `false` when it is not due and only that was wanted.
pub(crate) async fn run_one(gateway: &Arc<Gateway>, id: &str, is_forced: bool) -> Result<bool, CronError> {
    let cron = &gateway.cron;
    let _alone = cron.running.lock().await;
    let marked = cron.change(|book, now_ms| {
        let job = book.get(id).ok_or_else(|| CronError::unknown(id))?;
        let is_due = job.is_enabled() && job.next_ms().is_some_and(|next_ms| next_ms <= now_ms);
        let jobs = if is_forced || is_due { vec![job.clone()] } else { Vec::new() };
        Ok(mark(jobs, now_ms))
    });
    let marked = marked.await?;
    if marked.is_empty() {
        return Ok(false);
    }
    perform(gateway, marked).await;
    Ok(true)
}

/// The jobs with the mark of a run that begins, as changes and for whoever performs it.
fn mark(mut jobs: Vec<Job>, now_ms: u64) -> (Vec<Change>, Vec<Job>) {
    for job in &mut jobs {
        job.begin(now_ms);
    }
    (jobs.iter().cloned().map(Change::Put).collect(), jobs)
}

/// Delivers what marked jobs are about, and notes what became of it.
async fn perform(gateway: &Arc<Gateway>, marked: Vec<Job>) {
    let mut ended = Vec::with_capacity(marked.len());
    for job in marked {
        let begin_ms = job.running_ms().unwrap_or_else(|| gateway.cron.now_ms());
        let begin = Instant::now();
        tell(gateway, job.id(), "started", &[("runAtMs", Some(begin_ms))]);
        let outcome = deliver(gateway, &job);
        let duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        ended.push((job, Ended { begin_ms, duration_ms, outcome }, true));
    }
    settle(gateway, ended).await;
}

/// Hands over what a job is about.
fn deliver(gateway: &Gateway, job: &Job) -> Outcome {
    let payload = job.member("payload");
    match payload["kind"].as_str() {
        Some("systemEvent") => {
            let text = payload["text"].as_str().unwrap_or_default().trim();
            if text.is_empty() {
                return Outcome::Skipped("main job requires non-empty systemEvent text".to_owned());
            }
            gateway.system_events().push(text.to_owned());
            if job.member("wakeMode") == "now" {
                gateway.ask_heartbeat();
            }
            Outcome::Ok(text.to_owned())
        }
        Some("agentTurn") => Outcome::Skipped(agents::NO_RUNS.to_owned()),
        kind => Outcome::Skipped(format!("unknown payload.kind {}", json!(kind))),
    }
}

/// Writes down what became of runs, and tells it. A run that `is_new` is not in the log yet.
async fn settle(gateway: &Arc<Gateway>, ended: Vec<(Job, Ended, bool)>) {
    let cron = &gateway.cron;
    let now_ms = cron.now_ms();
    let after: Vec<(Arc<str>, Ended, Option<Job>, bool)> = {
        let book = cron.book();
        let after = ended.into_iter().map(|(job, ended, is_new)| {
            // It may have been changed meanwhile, or removed.
            let next = book.get(job.id()).cloned().and_then(|job| job.end(&ended, now_ms));
            (Arc::clone(job.id()), ended, next, is_new)
        });
        after.collect()
    };
    let told: Vec<(Arc<str>, Map<String, Value>, bool)> = after
        .iter()
        .map(|(id, ended, next, is_new)| {
            let next_ms = next.as_ref().and_then(Job::next_ms);
            (Arc::clone(id), runs::told(id, ended, next_ms), *is_new)
        })
        .collect();
    let (lines, store) = (told.clone(), cron.wanted().store);
    let noted = off_thread(store, move |store| {
        for (id, told, _) in lines.iter().filter(|(_, _, is_new)| *is_new) {
            if let Err(error) = runs::note(store, id, told, now_ms) {
                tracing::warn!(job = &**id, %error, "failed to note a run");
            }
        }
    });
    noted.await;
    cron.record(|book, now_ms| {
        let changes = after.iter().filter_map(|(id, ended, ..)| {
            let job = book.get(id)?.clone();
            Some(job.end(ended, now_ms).map_or_else(|| Change::Remove(Arc::clone(id)), Change::Put))
        });
        changes.collect()
    })
    .await;
    for (id, told, _) in told {
        let is_gone = cron.book().get(&id).is_none();
        broadcast(gateway, told);
        if is_gone {
            tell(gateway, &id, "removed", &[]);
        }
    }
}

/// Ends the runs that a crash cut off.
pub(super) async fn recover(gateway: &Arc<Gateway>) {
    let cron = &gateway.cron;
    let _alone = cron.running.lock().await;
    let cut_off: Vec<Job> = cron.book().jobs().filter(|job| job.running_ms().is_some()).cloned().collect();
    if cut_off.is_empty() {
        return;
    }
    tracing::warn!(runs = cut_off.len(), "the gateway ended while jobs were running; they are not run again");
    let ended = off_thread(cron.wanted().store, move |store| {
        let ended = cut_off.into_iter().map(|job| {
            let begin_ms = job.running_ms().unwrap_or_default();
            match runs::find(store, job.id(), begin_ms) {
                Some(ended) => (job, ended, false),
                None => (
                    job,
                    Ended { begin_ms, duration_ms: 0, outcome: Outcome::Error(CUT_OFF.to_owned()) },
                    true,
                ),
            }
        });
        ended.collect::<Vec<_>>()
    });
    settle(gateway, ended.await.unwrap_or_default()).await;
}
