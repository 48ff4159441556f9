//! Scheduled work: on time, once, whatever ends or replaces the gateway meanwhile, and at no cost while nothing is due.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use notify::Watcher as _;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::edits::Save;
use crate::support::gateway::{self, configure, prompt};
use crate::support::harness;
use crate::support::home::{Home, config_text};
use crate::support::process;
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::{Credentials, Wire};

/// How late a job may be while tests share the machine; measured on a quiet one it is a few milliseconds.
const LATE_MS: u64 = 2000;

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

/// Parameters of a job for the main session.
fn job(name: &str, schedule: &Value) -> Value {
    json!({
        "name": name, "schedule": schedule, "sessionTarget": "main", "wakeMode": "next-heartbeat",
        "payload": { "kind": "systemEvent", "text": format!("about {name}") },
    })
}

fn at(at_ms: u64) -> Value {
    json!({ "kind": "at", "atMs": at_ms })
}

fn jobs(wire: &mut Wire) -> Vec<Value> {
    let list = wire.payload("cron.list", &json!({ "includeDisabled": true }));
    list["jobs"].as_array().unwrap().clone()
}

/// What is told of a job; other events are passed over.
#[track_caller]
fn told(wire: &mut Wire, action: &str, id: &Value) -> Value {
    loop {
        let event = wire.event("cron").unwrap()["payload"].clone();
        if event["action"] == action && event["jobId"] == *id {
            return event;
        }
    }
}

/// Adds jobs of one moment each, from `begin_ms` on; returns their ids.
fn add_series(wire: &mut Wire, begin_ms: u64, count: u64, distance_ms: u64) -> Vec<String> {
    let add = |number| {
        let added =
            wire.payload("cron.add", &job(&format!("job {number}"), &at(begin_ms + number * distance_ms)));
        added["id"].as_str().unwrap().to_owned()
    };
    (0..count).map(add).collect()
}

/// The run logs in a state directory: lines by job.
fn runs(state: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(state.join("cron/runs")).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        found.insert(entry.path().file_stem().unwrap().to_string_lossy().into_owned(), lines);
    }
    found
}

/// Every job of a series has run, and none twice. `may_be_cut` allows runs that a crash has cut off.
#[track_caller]
fn assert_once(state: &Path, ids: &[String], may_be_cut: bool) {
    let found = runs(state);
    for id in ids {
        let lines = found.get(id).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(lines.len(), 1, "{id} ran {} times: {lines:?}", lines.len());
        let line = &lines[0];
        let cut = line["error"].as_str().is_some_and(|error| error.starts_with("interrupted"));
        assert!(line["status"] == "ok" || (may_be_cut && cut), "{line}");
    }
}

fn default_state(home: &Home) -> PathBuf {
    home.path().join(".clawdbot")
}

#[test]
fn a_job_runs_on_time_and_everybody_is_told() {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    let gateway = gateway::in_home(&home).start();
    let mut wire = gateway.client("any");
    // Of its own: what is told before a response is passed over.
    let mut listener = gateway.client("any");
    let mut slowest = 0;
    for round in 0..10 {
        let due_ms = now_ms() + 60;
        let added = wire.payload("cron.add", &job(&format!("round {round}"), &at(due_ms)));
        assert_eq!(added["state"], json!({ "nextRunAtMs": due_ms }), "{added}");
        let started = told(&mut listener, "started", &added["id"]);
        let late = started["runAtMs"].as_u64().unwrap() - due_ms;
        slowest = slowest.max(late);
        let finished = told(&mut listener, "finished", &added["id"]);
        assert_eq!(finished["status"], "ok", "{finished}");
    }
    assert!(slowest < LATE_MS, "{slowest} ms late");
    let queued = wire.payload("status", &json!({}))["queuedSystemEvents"].clone();
    assert!(queued.to_string().contains("about round 9"), "{queued}");
    assert!(jobs(&mut wire).iter().all(|job| job["enabled"] == false), "each has done its work");
    gateway.stop();
}

#[test]
fn ten_thousand_jobs_cost_nothing_while_none_is_due() {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    let later = now_ms() + 3_600_000;
    let all: Vec<Value> = (0..10_000_u64)
        .map(|number| {
            let yearly = json!({ "kind": "cron", "expr": "0 0 1 1 *", "tz": "UTC" });
            let schedule = if number % 2 == 0 { at(later + number) } else { yearly };
            let mut job = job(&format!("job {number}"), &schedule);
            job["id"] = json!(format!("job-{number}"));
            job["enabled"] = json!(true);
            job
        })
        .collect();
    home.write(".clawdbot/cron/jobs.json", &json!({ "version": 1, "jobs": all }).to_string());
    let gateway = gateway::in_home(&home).start();
    let mut wire = gateway.client("any");
    assert_eq!(jobs(&mut wire).len(), 10_000);
    let spent = || process::cpu_ns(gateway.pid()).values().sum::<u64>();
    let before = wait::until("the start is over", PATIENCE, || {
        let before = spent();
        wait::pass(Duration::from_millis(300));
        (spent() == before).then_some(before)
    });
    wait::pass(Duration::from_secs(2));
    let idle = Duration::from_nanos(spent() - before);
    assert!(idle < Duration::from_millis(10), "{idle:?} in two idle seconds");
    let mut listener = gateway.client("any");
    let due_ms = now_ms() + 200;
    let added = wire.payload("cron.add", &job("soon", &at(due_ms)));
    let started = told(&mut listener, "started", &added["id"]);
    let late = started["runAtMs"].as_u64().unwrap() - due_ms;
    assert!(late < LATE_MS, "{late} ms late among ten thousand");
    gateway.stop();
    let file: Value = serde_json::from_str(&home.read(".clawdbot/cron/jobs.json")).unwrap();
    assert_eq!(file["jobs"].as_array().unwrap().len(), 10_001);
}

#[test]
fn reloads_of_the_harness_run_every_job_once() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let hello = || Wire::hello(harness.address(), &Credentials::Token("any".to_owned())).unwrap().0;
    let ids = add_series(&mut hello(), now_ms() + 300, 60, 25);
    for round in 0..6 {
        let mark = harness.mark();
        Save::Rename.write(&home.config(), &config_text(&home, &format!("Droid {round}"), ""));
        harness.reloaded(mark);
    }
    wait::until("every job has run", PATIENCE, || {
        jobs(&mut hello()).iter().all(|job| job["enabled"] == false).then_some(())
    });
    harness.stop();
    assert_once(&home.state(), &ids, false);
}

#[test]
fn restarts_in_the_process_run_every_job_once() {
    let home = Home::new();
    let config = configure(&home, &prompt("trustedProxies: ['10.0.0.0']", ""));
    let gateway = gateway::in_home(&home).start();
    let ids = add_series(&mut gateway.client("any"), now_ms() + 300, 60, 25);
    for round in 1..=6 {
        let mark = gateway.mark();
        Save::Rename.write(&config, &prompt(&format!("trustedProxies: ['10.0.0.{round}']"), ""));
        gateway.line(mark, "✓ restarted in ");
    }
    wait::until("every job has run", PATIENCE, || {
        jobs(&mut gateway.client("any")).iter().all(|job| job["enabled"] == false).then_some(())
    });
    gateway.stop();
    assert_once(&default_state(&home), &ids, false);
}

#[test]
fn killed_at_any_moment_it_loses_no_job_and_runs_none_twice() {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    let mut dice = Dice(7);
    let mut ids = Vec::new();
    for _ in 0..12 {
        let mut gateway = gateway::in_home(&home).start();
        let mut wire = gateway.client("any");
        // Acknowledged is kept, however soon the end comes.
        ids.extend(add_series(&mut wire, now_ms() + 20, 8, 7));
        wait::pass(Duration::from_millis(dice.below(90)));
        gateway.signal(Signal::KILL);
        gateway.ended(PATIENCE);
    }
    let gateway = gateway::in_home(&home).start();
    let known = wait::until("every job has run", PATIENCE, || {
        let known = jobs(&mut gateway.client("any"));
        let open =
            |job: &Value| job["state"]["lastRunAtMs"].is_null() || !job["state"]["runningAtMs"].is_null();
        (!known.iter().any(open)).then_some(known)
    });
    gateway.stop();
    let mut known: Vec<&str> = known.iter().map(|job| job["id"].as_str().unwrap()).collect();
    let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
    known.sort_unstable();
    expected.sort_unstable();
    assert_eq!(known, expected);
    assert_once(&default_state(&home), &ids, true);
}

/// Kills at the write of this number below `cron`; says whether there were so many.
fn killed_at(write: usize) -> bool {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    let directory = default_state(&home).join("cron");
    fs::create_dir_all(directory.join("runs")).unwrap();
    let mut gateway = gateway::in_home(&home).start();
    let (pid, seen) = (gateway.pid(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&seen);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_write = event.is_ok_and(|event| !event.kind.is_access());
        if is_write && count.fetch_add(1, Ordering::SeqCst) + 1 == write {
            process::signal(pid, Signal::KILL);
        }
    })
    .unwrap();
    watcher.watch(&directory, notify::RecursiveMode::Recursive).unwrap();
    let mut wire = gateway.client("any");
    let begin_ms = now_ms() + 20;
    let mut ids = Vec::new();
    for number in 0..3 {
        let added = wire.call("cron.add", &job(&format!("job {number}"), &at(begin_ms + 30 * number)));
        // What was not acknowledged may be there or not.
        match added {
            Ok(added) => ids.push(added["payload"]["id"].as_str().unwrap().to_owned()),
            Err(_) => break,
        }
    }
    // Until it is killed, or everything is done and in the file.
    let file = directory.join("jobs.json");
    wait::until("the end", PATIENCE, || {
        let is_written =
            || fs::read_to_string(&file).is_ok_and(|text| text.matches("lastRunAtMs").count() == 3);
        (seen.load(Ordering::SeqCst) >= write || is_written()).then_some(())
    });
    let was_killed = seen.load(Ordering::SeqCst) >= write;
    drop(watcher);
    if !was_killed {
        gateway.signal(Signal::KILL);
    }
    gateway.ended(PATIENCE);

    let gateway = gateway::in_home(&home).start();
    wait::until("every job has run", PATIENCE, || {
        let known = jobs(&mut gateway.client("any"));
        let is_done = |id: &String| {
            let job =
                known.iter().find(|job| job["id"] == id.as_str()).unwrap_or_else(|| panic!("{id} is lost"));
            !job["state"]["lastRunAtMs"].is_null() && job["state"]["runningAtMs"].is_null()
        };
        ids.iter().all(is_done).then_some(())
    });
    gateway.stop();
    assert_once(&default_state(&home), &ids, true);
    was_killed
}

#[test]
fn killed_at_every_write_it_loses_no_job_and_runs_none_twice() {
    let writes = (1..100).take_while(|write| killed_at(*write)).count();
    assert!((10..99).contains(&writes), "{writes} writes");
}

#[test]
fn the_configuration_switches_it_off_and_on_and_moves_its_file() {
    let home = Home::new();
    let config = configure(&home, &prompt("bind: 'loopback'", ""));
    let gateway = gateway::in_home(&home).start();
    let mut wire = gateway.client("any");
    let first = wire.payload("cron.add", &job("first", &json!({ "kind": "every", "everyMs": 3_600_000 })));
    let apply = |section: &str| {
        let mark = gateway.mark();
        Save::Rename.write(&config, &prompt("bind: 'loopback'", section));
        gateway.line(mark, "✓ reloaded in ");
    };
    apply("cron: { enabled: false },");
    let status = wire.payload("cron.status", &json!({}));
    assert_eq!((&status["enabled"], &status["nextWakeAtMs"]), (&json!(false), &Value::Null), "{status}");
    let due_ms = now_ms() + 50;
    let second = wire.payload("cron.add", &job("second", &at(due_ms)));
    wait::pass(Duration::from_millis(200));
    assert!(!runs(&default_state(&home)).contains_key(second["id"].as_str().unwrap()), "it is off");
    apply("cron: { enabled: true },");
    assert_eq!(told(&mut wire, "finished", &second["id"])["status"], "ok");

    apply("cron: { store: '~/elsewhere/jobs.json' },");
    let moved = wait::until("another file", PATIENCE, || {
        let status = wire.payload("cron.status", &json!({}));
        (status["jobs"] == 0).then_some(status)
    });
    assert_eq!(moved["storePath"], home.path().join("elsewhere/jobs.json").display().to_string());
    home.write("in-the-way", "");
    apply("cron: { store: '~/in-the-way/jobs.json' },");
    let refused = wait::until("a file that cannot be", PATIENCE, || {
        let answer = wire.call("cron.status", &json!({})).unwrap();
        (answer["ok"] == false).then_some(answer)
    });
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Error: failed to use the jobs in ") && message.contains("in-the-way"),
        "{message}"
    );
    apply("");
    wait::until("the first file", PATIENCE, || {
        // Until it is tried again, the other one is complained about.
        let list = wire.call("cron.list", &json!({})).unwrap();
        list["payload"]["jobs"].as_array()?.iter().any(|job| job["id"] == first["id"]).then_some(())
    });
    gateway.stop();
}

#[test]
fn a_gateway_that_is_told_to_skip_it_keeps_jobs_and_runs_none() {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    let gateway = gateway::in_home(&home).env("CLAWDBOT_SKIP_CRON", "1").start();
    let mut wire = gateway.client("any");
    wire.payload("cron.add", &job("never", &at(now_ms() + 20)));
    wait::pass(Duration::from_millis(150));
    assert!(runs(&default_state(&home)).is_empty());
    assert_eq!(wire.payload("cron.status", &json!({}))["enabled"], false);
    gateway.stop();
}

#[test]
fn a_damaged_file_is_moved_aside() {
    let home = Home::new();
    configure(&home, &prompt("bind: 'loopback'", ""));
    home.write(".clawdbot/cron/jobs.json", "{ half");
    let gateway = gateway::in_home(&home).start();
    let mut wire = gateway.client("any");
    assert_eq!(wire.payload("cron.list", &json!({})), json!({ "jobs": [] }));
    let names: Vec<String> = fs::read_dir(default_state(&home).join("cron"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().any(|name| name.starts_with("jobs.json.corrupt-")), "{names:?}");
    assert!(gateway.log().contains("file cannot be used"));
    gateway.stop();
}
