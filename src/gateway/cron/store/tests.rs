use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::gateway::cron::job::{Ended, Job, Outcome};
use crate::gateway::cron::runs;

fn job(id: &str) -> Job {
    let schedule = json!({ "kind": "every", "everyMs": 1000, "anchorMs": 0 });
    Job::from_value(
        &json!({ "id": id, "enabled": true, "schedule": schedule, "state": { "nextRunAtMs": 1000 } }),
    )
    .unwrap()
}

fn put(store: &mut Store, book: &mut Book, job: Job) {
    store.append(&[Change::Put(job.clone())]).unwrap();
    book.apply(Change::Put(job));
}

/// A copy of everything that is in a directory.
fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    fs::create_dir_all(to.path().join("cron/runs")).unwrap();
    for folder in ["cron", "cron/runs"] {
        for entry in fs::read_dir(from.join(folder)).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

fn store_in(directory: &Path) -> PathBuf {
    directory.join("cron/jobs.json")
}

/// A job that is not due.
fn other(id: &str) -> Job {
    Job::from_value(&json!({ "id": id, "name": "another", "enabled": false })).unwrap()
}

fn journals(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory.join("cron")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains(".journal-")).collect()
}

fn open(directory: &Path) -> (Store, Book) {
    Store::open(&store_in(directory), 1).unwrap()
}

#[test]
fn what_was_written_down_is_there_again() {
    let state = tempfile::tempdir().unwrap();
    let (mut store, mut book) = open(state.path());
    assert!(book.len() == 0 && !store_in(state.path()).exists(), "looking writes nothing");
    put(&mut store, &mut book, job("a"));
    put(&mut store, &mut book, job("b"));
    store.append(&[Change::Remove("a".into())]).unwrap();
    let (mut store, book) = open(state.path());
    assert!(book.get("a").is_none() && book.get("b").is_some());
    assert_eq!(store.unwritten(), 0, "a journal that was found is written into the file");
    let text = fs::read_to_string(store_in(state.path())).unwrap();
    assert_eq!(fs::read_to_string(copy_of(&store_in(state.path()))).unwrap(), text);
    store.append(&[Change::Put(job("c"))]).unwrap();
    let (_, book) = open(state.path());
    assert_eq!(book.len(), 2);
}

#[test]
fn a_file_of_somebody_else_beats_the_journal() {
    let state = tempfile::tempdir().unwrap();
    let (mut store, mut book) = open(state.path());
    put(&mut store, &mut book, job("a"));
    store.fold(&book.content()).unwrap();
    put(&mut store, &mut book, job("b"));
    fs::write(store_in(state.path()), r#"{"version":1,"jobs":[{"id":"theirs"}]}"#).unwrap();
    let (mut store, book) = open(state.path());
    assert!(book.len() == 1 && book.get("theirs").is_some());
    store.append(&[Change::Put(job("c"))]).unwrap();
    let (_, book) = open(state.path());
    assert!(book.len() == 2 && book.get("c").is_some(), "the old journal does not come back");
}

#[test]
fn a_damaged_file_is_moved_aside_and_its_copy_is_used() {
    let state = tempfile::tempdir().unwrap();
    let (mut store, mut book) = open(state.path());
    put(&mut store, &mut book, job("a"));
    store.fold(&book.content()).unwrap();
    fs::write(store_in(state.path()), "{ half").unwrap();
    let (_, book) = open(state.path());
    assert!(book.get("a").is_some());
    let aside = store_in(state.path()).with_file_name("jobs.json.corrupt-1");
    assert_eq!(fs::read_to_string(aside).unwrap(), "{ half");
    assert!(open(state.path()).1.get("a").is_some(), "and the file is there again");
}

/// Every moment at which a crash can fall into a run, and what the next start makes of it.
#[test]
fn a_crash_at_every_write_runs_nothing_twice_and_loses_nothing() {
    let state = tempfile::tempdir().unwrap();
    let path = store_in(state.path());
    let (mut store, mut book) = open(state.path());
    put(&mut store, &mut book, job("a"));
    let mut moments = vec![("before the mark", copy(state.path()), true)];

    let mut marked = job("a");
    marked.begin(1000);
    put(&mut store, &mut book, marked.clone());
    let after_mark = copy(state.path());
    // Half of the mark: nothing was delivered yet.
    for cut in [1, 20] {
        let torn = copy(state.path());
        let journal = journals(torn.path()).remove(0);
        let bytes = fs::read(&journal).unwrap();
        fs::write(&journal, &bytes[..bytes.len() - cut]).unwrap();
        moments.push(("half of the mark", torn, true));
    }
    moments.push(("marked", after_mark, false));

    let ended = Ended { begin_ms: 1000, duration_ms: 1, outcome: Outcome::Ok("done".to_owned()) };
    runs::note(&path, "a", &runs::told("a", &ended, Some(2000)), 1001).unwrap();
    moments.push(("noted", copy(state.path()), false));
    let torn = copy(state.path());
    let log = torn.path().join("cron/runs/a.jsonl");
    let bytes = fs::read(&log).unwrap();
    fs::write(&log, &bytes[..bytes.len() - 9]).unwrap();
    moments.push(("half noted", torn, false));

    put(&mut store, &mut book, marked.end(&ended, 1001).unwrap());
    moments.push(("ended", copy(state.path()), false));
    let old = journals(state.path()).remove(0);
    let (page, written) = (Page::write(&path, &book.content()).unwrap(), store.unwritten());
    moments.push(("the file is written, and not in its place", copy(state.path()), false));
    // A job that comes meanwhile belongs to the new file.
    put(&mut store, &mut book, other("b"));
    let before = copy(state.path());
    let bytes = fs::read(&old).unwrap();
    store.turn(page, written).unwrap();
    let next = journals(state.path()).remove(0);
    assert_ne!(next, old);
    fs::copy(&next, store_in(before.path()).with_file_name(next.file_name().unwrap())).unwrap();
    moments.push(("the next journal is there already", before, false));
    let after = copy(state.path());
    fs::write(store_in(after.path()).with_file_name(old.file_name().unwrap()), bytes).unwrap();
    moments.push(("the old journal is there still", after, false));
    moments.push(("the file is in its place", copy(state.path()), false));
    store.fold(&book.content()).unwrap();
    assert!(journals(state.path()).is_empty());
    moments.push(("all written", copy(state.path()), false));

    for (moment, state, is_due) in moments {
        let has_another = fs::read_dir(state.path().join("cron")).unwrap().any(|entry| {
            let path = entry.unwrap().path();
            path.is_file()
                && !path.ends_with("jobs.json.bak")
                && fs::read_to_string(path).unwrap().contains("another")
        });
        let (_, mut book) = open(state.path());
        assert!(book.get("a").is_some(), "{moment}: lost");
        assert_eq!(book.get("b").is_some(), has_another, "{moment}: what came meanwhile");
        assert!(journals(state.path()).is_empty(), "{moment}");
        book.catch_up(1500);
        assert_eq!(!book.due(1500, 9).is_empty(), is_due, "{moment}: due");
        let job = book.get("a").unwrap();
        let found = runs::find(&store_in(state.path()), "a", 1000);
        assert!(found.is_none_or(|found| found == ended), "{moment}");
        if job.running_ms().is_none() && !is_due {
            assert_eq!(
                (job.next_ms(), &job.member("state")["lastStatus"]),
                (Some(2000), &json!("ok")),
                "{moment}"
            );
        }
    }
}

#[test]
fn run_logs_are_bounded_and_read_from_their_end() {
    let state = tempfile::tempdir().unwrap();
    let path = store_in(state.path());
    let ended = |begin_ms| Ended { begin_ms, duration_ms: 1, outcome: Outcome::Skipped("x".repeat(1000)) };
    for number in 0..2500 {
        runs::note(&path, "a", &runs::told("a", &ended(number), None), number).unwrap();
    }
    let log = path.with_file_name("runs").join("a.jsonl");
    let length = fs::metadata(&log).unwrap().len();
    assert!((500_000..2_000_000).contains(&length), "{length}");
    let last = runs::last(&path, "a", 2).unwrap();
    let begins: Vec<_> = last.iter().map(|entry| entry["runAtMs"].as_u64().unwrap()).collect();
    assert_eq!(begins, [2498, 2499]);
    assert_eq!(runs::find(&path, "a", 2499), Some(ended(2499)));
    assert_eq!(runs::find(&path, "a", 2498), None);
    for id in ["../a", "", ".", "..", "a/b", "b"] {
        assert_eq!(runs::last(&path, id, 9).unwrap(), [Value::Null; 0], "{id}");
    }
    assert!(runs::note(&path, "../a", &runs::told("../a", &ended(1), None), 1).is_err());
}
