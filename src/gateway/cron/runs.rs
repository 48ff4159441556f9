//! What became of runs: `runs/JOB.jsonl` beside the file of the jobs, a line a run (`wire-protocol` D.5). Blocks.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::job::{Ended, Outcome};
use crate::platform::{append, atomic, regular};
use crate::protocol::cron::whole;
use crate::protocol::json;

/// A log that is longer is cut, to so many lines, and to half of it where lines are long: else every line would cut it.
const LONGEST: u64 = 2_000_000;
const KEPT_LINES: usize = 2000;
const KEPT: usize = 1_000_000;

/// The largest log that is read, in bytes.
const SIZE_LIMIT: u64 = 64 << 20;

/// What the log and the event `finished` say of a run.
pub(crate) fn told(job_id: &str, ended: &Ended, next_ms: Option<u64>) -> Map<String, Value> {
    let Ended { begin_ms, duration_ms, outcome } = ended;
    let members = [
        ("jobId", Some(json!(job_id))),
        ("action", Some(json!("finished"))),
        ("status", Some(json!(outcome.status()))),
        ("error", outcome.error().map(Value::from)),
        ("summary", outcome.summary().map(Value::from)),
        ("runAtMs", Some(json!(begin_ms))),
        ("durationMs", Some(json!(duration_ms))),
        ("nextRunAtMs", next_ms.map(Value::from)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Notes a run that ended at `now_ms`.
pub(crate) fn note(store: &Path, job_id: &str, told: &Map<String, Value>, now_ms: u64) -> io::Result<()> {
    let path = log_of(store, job_id).ok_or_else(|| io::Error::other("the job's id is no file name"))?;
    if let Some(directory) = path.parent() {
        atomic::private_directory(directory)?;
    }
    let mut line = Map::from_iter([("ts".to_owned(), json!(now_ms))]);
    line.extend(told.clone());
    // A crash may have left half a line.
    let begin = if is_whole(&path)? { "" } else { "\n" };
    let mut file = append::open(&path)?;
    file.write_all(format!("{begin}{}\n", Value::Object(line)).as_bytes())?;
    if file.metadata()?.len() > LONGEST {
        cut(&path)?;
    }
    Ok(())
}

/// The last `limit` runs of a job, oldest first. Lines that make no sense are passed over.
pub(crate) fn last(store: &Path, job_id: &str, limit: usize) -> io::Result<Vec<Value>> {
    let Some(path) = log_of(store, job_id) else { return Ok(Vec::new()) };
    let bytes = match regular::read(&path, SIZE_LIMIT) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    let lines = bytes.rsplit(|byte| *byte == b'\n').filter_map(|line| json::from_slice(line).ok());
    let entries = lines.filter(|entry| entry["action"] == "finished" && entry["jobId"] == job_id);
    let mut entries: Vec<Value> = entries.take(limit).collect();
    entries.reverse();
    Ok(entries)
}

/// What the log says of the run that began at `begin_ms`.
pub(crate) fn find(store: &Path, job_id: &str, begin_ms: u64) -> Option<Ended> {
    let entries = last(store, job_id, 1).ok()?;
    let entry = entries.first().filter(|entry| whole(&entry["runAtMs"]) == Some(begin_ms))?;
    let (error, summary) = (entry["error"].as_str(), entry["summary"].as_str());
    let outcome = Outcome::told(entry["status"].as_str()?, error, summary);
    Some(Ended { begin_ms, duration_ms: whole(&entry["durationMs"]).unwrap_or(0), outcome })
}

/// The log of a job; `None` for an id that would lead elsewhere.
fn log_of(store: &Path, job_id: &str) -> Option<PathBuf> {
    let mut parts = Path::new(job_id).components();
    let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else { return None };
    (name == job_id && !job_id.contains(['/', '\\', '\0']))
        .then(|| store.with_file_name("runs").join(format!("{job_id}.jsonl")))
}

/// Whether the log ends with a line's end, or has no line.
fn is_whole(path: &Path) -> io::Result<bool> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        file => file?,
    };
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Keeps the last lines.
fn cut(path: &Path) -> io::Result<()> {
    let bytes = regular::read(path, SIZE_LIMIT)?;
    let mut begins = (0..bytes.len()).rev().filter(|at| *at == 0 || bytes[at - 1] == b'\n').take(KEPT_LINES);
    let first = begins.by_ref().take_while(|at| bytes.len() - at <= KEPT).last();
    match first {
        Some(at) => atomic::replace(path, &bytes[at..]),
        None => Ok(()),
    }
}
