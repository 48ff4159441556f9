//! Jobs and runs for people. Pure.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::words::{distance, moment, schedule, span};
use crate::cli::output::{columns, harmless};

/// How much of an id is shown; it is enough to name a job.
const ID_SHOWN: usize = 8;
/// What stands where there is nothing.
const NOTHING: &str = "–";

/// What the lines depend on besides the answer.
#[derive(Debug)]
pub(super) struct View {
    /// Now, Unix milliseconds.
    pub(super) now_ms: u64,
    /// The zone of whoever reads.
    pub(super) zone: TimeZone,
    /// Width of the terminal; `None` when there is none.
    pub(super) columns: Option<usize>,
}

/// Jobs as a table, or below each other where the terminal is too narrow for one.
pub(super) fn jobs(jobs: &[Value], view: &View) -> Vec<String> {
    let head = ["Job", "Schedule", "Next", "Last run", "Id"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(jobs.iter().map(|job| row(job, view))).collect();
    let mut lines = columns(&rows);
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    if view.columns.is_some_and(|columns| width > columns) {
        lines = rows.into_iter().skip(1).flat_map(|row| stacked(&row)).collect();
    }
    let problems =
        jobs.iter().filter_map(|job| Some((text(&job["name"]), job["state"]["lastError"].as_str()?)));
    lines.extend(problems.map(|(name, problem)| format!("{name}: {}", harmless(problem))));
    lines
}

/// One job, after it was made or changed.
pub(super) fn job(job: &Value, view: &View) -> Vec<String> {
    let [name, schedule, next, _, _] = row(job, view);
    let at = job["state"]["nextRunAtMs"].as_u64().map(|at_ms| format!(" ({})", moment(at_ms, &view.zone)));
    let id = text(&job["id"]);
    vec![
        format!("{name}: {schedule}"),
        format!("Next: {next}{}", at.unwrap_or_default()),
        format!("Id: {id}"),
    ]
}

fn row(job: &Value, view: &View) -> [String; 5] {
    let state = &job["state"];
    let off = if job["enabled"] == false { " (off)" } else { "" };
    let next = match (state["runningAtMs"].as_u64(), state["nextRunAtMs"].as_u64()) {
        (Some(_), _) => "running".to_owned(),
        (None, Some(next_ms)) => distance(next_ms, view.now_ms),
        (None, None) => NOTHING.to_owned(),
    };
    let last = state["lastRunAtMs"].as_u64().map(|last_ms| {
        format!("{} {}", text(&state["lastStatus"]), distance(last_ms, view.now_ms)).trim().to_owned()
    });
    let id = text(&job["id"]).chars().take(ID_SHOWN).collect();
    [
        format!("{}{off}", text(&job["name"])),
        harmless(&schedule(&job["schedule"], &view.zone)),
        next,
        last.unwrap_or_else(|| NOTHING.to_owned()),
        id,
    ]
}

fn stacked([name, schedule, next, last, id]: &[String; 5]) -> [String; 4] {
    [
        format!("{name} ({id})"),
        format!("  {schedule}"),
        format!("  next: {next}"),
        format!("  last run: {last}"),
    ]
}

/// What `cron.status` says.
pub(super) fn status(status: &Value, view: &View) -> Vec<String> {
    let is_on = status["enabled"] == true;
    let next = status["nextWakeAtMs"].as_u64().map_or_else(
        || NOTHING.to_owned(),
        |next_ms| format!("{} ({})", distance(next_ms, view.now_ms), moment(next_ms, &view.zone)),
    );
    vec![
        format!("Scheduler: {}", if is_on { "on" } else { "off; jobs are kept, and do not run" }),
        format!("Jobs: {}", status["jobs"].as_u64().unwrap_or_default()),
        format!("Next: {next}"),
        format!("Store: {}", text(&status["storePath"])),
    ]
}

/// What became of runs, oldest first.
pub(super) fn runs(entries: &[Value], view: &View) -> Vec<String> {
    let head = ["Run", "Status", "Took", "About"].map(str::to_owned);
    let row = |entry: &Value| {
        let at_ms = entry["runAtMs"].as_u64().or_else(|| entry["ts"].as_u64()).unwrap_or_default();
        let about = entry["error"].as_str().or_else(|| entry["summary"].as_str()).unwrap_or_default();
        let took = entry["durationMs"].as_u64().map_or_else(|| NOTHING.to_owned(), span);
        [moment(at_ms, &view.zone), text(&entry["status"]), took, harmless(about)]
    };
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(entries.iter().map(row)).collect();
    columns(&rows)
}

fn text(value: &Value) -> String {
    harmless(value.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn view(columns: Option<usize>) -> View {
        View { now_ms: 1_000_000_000, zone: TimeZone::UTC, columns }
    }

    fn samples() -> [Value; 2] {
        [
            json!({
                "id": "0f8fad5b-d9cb-469f-a165-70867728950e", "name": "Tea", "enabled": true,
                "schedule": { "kind": "every", "everyMs": 3_600_000 },
                "state": { "nextRunAtMs": 1_000_600_000, "lastRunAtMs": 999_000_000, "lastStatus": "ok" },
            }),
            json!({
                "id": "1e8fad5b-d9cb-469f-a165-70867728950e", "name": "Re\u{1b}port", "enabled": false,
                "schedule": { "kind": "cron", "expr": "0 7 * * 1", "tz": "UTC" },
                "state": { "lastRunAtMs": 900_000_000, "lastStatus": "skipped", "lastError": "no\nagents" },
            }),
        ]
    }

    #[test]
    fn a_table_where_it_fits() {
        let expect = [
            "Job            Schedule              Next           Last run            Id",
            "Tea            every 1 hour          in 10 minutes  ok 17 minutes ago   0f8fad5b",
            "Re port (off)  cron 0 7 * * 1 (UTC)  –              skipped 28 hours ago  1e8fad5b",
            "Re port: no agents",
        ];
        let shown = jobs(&samples(), &view(None));
        let squeezed = |line: &str| {
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("|")
        };
        let squeeze = |lines: &[String]| lines.iter().map(|line| squeezed(line)).collect::<Vec<_>>();
        assert_eq!(squeeze(&shown), squeeze(&expect.map(str::to_owned)));
        assert_eq!(jobs(&samples(), &view(Some(200))), shown);
    }

    #[test]
    fn below_each_other_where_it_does_not() {
        assert_eq!(
            jobs(&samples()[..1], &view(Some(40))),
            ["Tea (0f8fad5b)", "  every 1 hour", "  next: in 10 minutes", "  last run: ok 17 minutes ago"]
        );
    }

    #[test]
    fn the_rest() {
        assert_eq!(
            job(&samples()[0], &view(None)),
            [
                "Tea: every 1 hour",
                "Next: in 10 minutes (1970-01-12 13:56:40)",
                "Id: 0f8fad5b-d9cb-469f-a165-70867728950e",
            ]
        );
        let off = json!({ "enabled": false, "jobs": 2, "nextWakeAtMs": null, "storePath": "/s" });
        assert_eq!(
            status(&off, &view(None)),
            ["Scheduler: off; jobs are kept, and do not run", "Jobs: 2", "Next: –", "Store: /s"]
        );
        let entry =
            json!({ "ts": 5000, "runAtMs": 4000, "status": "error", "error": "why", "durationMs": 3 });
        assert_eq!(
            runs(&[entry], &view(None)),
            ["Run                  Status  Took  About", "1970-01-01 00:00:04  error   3 ms  why"]
        );
    }
}
