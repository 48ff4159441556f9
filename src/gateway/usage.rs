//! Tokens and costs by day, summed from the transcripts (`usage.cost`, `wire-protocol` D.1). The sum is kept for a
//! while: a page asks again and again, and transcripts may be gigabytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::protocol::json;

/// How long a sum counts.
const KEPT_MS: u64 = 30_000;
/// Longer lines are left out.
const LONGEST: u64 = 8 * 1024 * 1024;

/// The last sum.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    /// Held while one is made, so that many who ask cost one reading.
    last: Mutex<Option<Sum>>,
}

#[derive(Debug)]
struct Sum {
    days: u32,
    taken_at_ms: u64,
    answer: Arc<Value>,
}

/// What was used.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tally {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    total_tokens: u64,
    total_cost: f64,
    missing_cost_entries: u64,
}

impl Usage {
    /// The sum over the last `days`, today included.
    pub(crate) async fn cost(
        &self,
        state_dir: PathBuf,
        days: u32,
        now_ms: u64,
    ) -> Result<Arc<Value>, tokio::task::JoinError> {
        let mut last = self.last.lock().await;
        if let Some(sum) = &*last
            && sum.days == days
            && now_ms.abs_diff(sum.taken_at_ms) < KEPT_MS
        {
            return Ok(Arc::clone(&sum.answer));
        }
        let answer = tokio::task::spawn_blocking(move || sum(&state_dir, days, now_ms)).await?;
        let answer = Arc::new(answer);
        *last = Some(Sum { days, taken_at_ms: now_ms, answer: Arc::clone(&answer) });
        Ok(answer)
    }
}

impl Tally {
    fn add(&mut self, usage: &Value) {
        let count = |name: &str| usage[name].as_u64().unwrap_or_default();
        let parts = ["input", "output", "cacheRead", "cacheWrite"].map(count);
        let [input, output, cache_read, cache_write] = parts;
        let total_tokens = usage["totalTokens"].as_u64();
        let cost = usage["cost"]["total"].as_f64();
        self.merge(&Self {
            input,
            output,
            cache_read,
            cache_write,
            total_tokens: total_tokens.unwrap_or_else(|| parts.into_iter().fold(0, u64::saturating_add)),
            total_cost: cost.unwrap_or_default(),
            missing_cost_entries: u64::from(cost.is_none()),
        });
    }

    /// Whoever writes numbers beyond all bounds into a transcript gets the largest one.
    fn merge(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.input, other.input);
        add(&mut self.output, other.output);
        add(&mut self.cache_read, other.cache_read);
        add(&mut self.cache_write, other.cache_write);
        add(&mut self.total_tokens, other.total_tokens);
        self.total_cost += other.total_cost;
        add(&mut self.missing_cost_entries, other.missing_cost_entries);
    }
}

/// Sums up all transcripts. Blocks; holds one line at a time.
pub(crate) fn sum(state_dir: &Path, days: u32, now_ms: u64) -> Value {
    let zone = TimeZone::system();
    let today = day_of(now_ms, &zone);
    let first = today.saturating_sub(jiff::Span::new().days(i64::from(days) - 1));
    let mut by_day: BTreeMap<Date, Tally> = BTreeMap::new();
    for path in transcripts(state_dir) {
        // Nothing in a file is newer than the file.
        let written_ms = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).map(|at| {
            at.duration_since(std::time::UNIX_EPOCH).map_or(0, |at| at.as_millis().try_into().unwrap_or(0))
        });
        if written_ms.is_ok_and(|written_ms| day_of(written_ms, &zone) < first) {
            continue;
        }
        let read = read_lines(&path, |line| {
            let Some((at_ms, usage)) = usage_of(line) else { return };
            let day = day_of(at_ms, &zone);
            if (first..=today).contains(&day) {
                by_day.entry(day).or_default().add(&usage);
            }
        });
        if let Err(error) = read {
            tracing::warn!(path = %path.display(), %error, "failed to read a transcript for its usage");
        }
    }
    let mut totals = Tally::default();
    let daily: Vec<Value> = by_day
        .iter()
        .map(|(day, tally)| {
            totals.merge(tally);
            let mut row = json!(tally);
            row["date"] = day.to_string().into();
            row
        })
        .collect();
    json!({ "updatedAt": now_ms, "days": days, "daily": daily, "totals": totals })
}

fn day_of(at_ms: u64, zone: &TimeZone) -> Date {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    at.unwrap_or(Timestamp::MAX).to_zoned(zone.clone()).date()
}

/// Transcripts of all agents, in their usual place.
fn transcripts(state_dir: &Path) -> Vec<PathBuf> {
    let entries =
        |directory: &Path| std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let agents = entries(&state_dir.join("agents")).map(|agent| agent.path().join("sessions"));
    let files = agents.flat_map(|sessions| entries(&sessions).map(|entry| entry.path()).collect::<Vec<_>>());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect()
}

/// Time and usage of a line that has one.
fn usage_of(line: &[u8]) -> Option<(u64, Value)> {
    // Most lines have none, and looking is cheaper than parsing.
    if !line.windows(7).any(|piece| piece == b"\"usage\"") {
        return None;
    }
    let mut entry = json::from_slice(line).ok()?;
    let message = entry.get_mut("message")?;
    if message["role"] != "assistant" {
        return None;
    }
    let usage = message["usage"].take();
    let stamped = message["timestamp"].as_u64();
    let at_ms = stamped.or_else(|| {
        let at: Timestamp = entry["timestamp"].as_str()?.parse().ok()?;
        u64::try_from(at.as_millisecond()).ok()
    })?;
    usage.is_object().then_some((at_ms, usage))
}

fn read_lines(path: &Path, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.len() as u64 == LONGEST && line.last() != Some(&b'\n') {
            reader.skip_until(b'\n')?;
            continue;
        }
        each(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    /// 2026-11-25 12:00 UTC.
    const NOW_MS: u64 = 1_795_608_000_000;

    fn line(at_ms: u64, usage: &Value) -> String {
        let message = json!({ "role": "assistant", "timestamp": at_ms, "content": [], "usage": usage });
        format!("{}\n", json!({ "type": "message", "message": message }))
    }

    #[test]
    fn sums_days_within_the_span() {
        let state = tempfile::tempdir().unwrap();
        let sessions = state.path().join("agents/dev/sessions");
        std::fs::create_dir_all(&sessions).unwrap();
        let used = json!({ "input": 10, "output": 5, "cacheRead": 1, "cacheWrite": 0, "totalTokens": 16,
            "cost": { "total": 0.5 } });
        let text = [
            line(NOW_MS, &used),
            line(NOW_MS, &json!({ "input": 1, "output": 2 })),
            line(NOW_MS - 3 * DAY_MS, &used),
            line(NOW_MS - 40 * DAY_MS, &used),
            "{ half a line with \"usage\"\n".to_owned(),
            format!("{}\n", json!({ "message": { "role": "user", "usage": { "input": 7 } } })),
        ];
        std::fs::write(sessions.join("one.jsonl"), text.concat()).unwrap();
        std::fs::write(sessions.join("two.jsonl.deleted.x"), line(NOW_MS, &json!({ "input": 9 }))).unwrap();
        let answer = sum(state.path(), 30, NOW_MS);
        let totals = json!({ "input": 21, "output": 12, "cacheRead": 2, "cacheWrite": 0, "totalTokens": 35,
            "totalCost": 1.0, "missingCostEntries": 1 });
        assert_eq!(answer["totals"], totals);
        assert_eq!(answer["daily"].as_array().unwrap().len(), 2);
        assert_eq!(answer["daily"][1]["totalTokens"], 19);
        assert_eq!(sum(state.path(), 1, NOW_MS)["totals"]["totalTokens"], 19);
    }

    #[test]
    fn numbers_beyond_all_bounds_are_the_largest_one() {
        let state = tempfile::tempdir().unwrap();
        let sessions = state.path().join("agents/dev/sessions");
        std::fs::create_dir_all(&sessions).unwrap();
        let used = json!({ "input": u64::MAX, "output": u64::MAX });
        std::fs::write(sessions.join("one.jsonl"), line(NOW_MS, &used).repeat(2)).unwrap();
        assert_eq!(sum(state.path(), 1, NOW_MS)["totals"]["totalTokens"], u64::MAX);
    }

    #[test]
    fn nothing_is_zero() {
        let state = tempfile::tempdir().unwrap();
        let answer = sum(state.path(), 30, NOW_MS);
        assert_eq!(answer["daily"], json!([]));
        assert_eq!(answer["totals"], json!(Tally::default()));
    }

    #[test]
    fn a_line_beyond_all_bounds_is_left_out() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("long.jsonl");
        let long = "x".repeat(usize::try_from(LONGEST).unwrap() + 10);
        std::fs::write(&path, format!("{long}\nshort\n")).unwrap();
        let mut seen = Vec::new();
        read_lines(&path, |line| seen.push(line.to_vec())).unwrap();
        assert_eq!(seen, [b"short\n".to_vec()]);
    }
}
