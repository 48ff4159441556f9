//! `clawdbot cron …`, as people and scripts type it.

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{Finished, Run};

struct Desk {
    home: Home,
    _gateway: Started,
}

impl Desk {
    fn open() -> Self {
        let home = Home::new();
        home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
        let gateway = Started::new(&home, &["gateway", "--port", "0"]);
        Self { home, _gateway: gateway }
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let all: Vec<&str> = [&["cron"], arguments].concat();
        Run::new(&self.home, &all).finish()
    }

    /// What a command says that works.
    #[track_caller]
    fn said(&self, arguments: &[&str]) -> String {
        self.run(arguments).expect_code(0).stdout
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let text = self.said(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

#[test]
fn a_job_from_its_making_to_its_end() {
    let desk = Desk::open();
    assert_eq!(desk.said(&["list"]).trim(), "No cron jobs; --all shows those that are off, too.");
    let added = desk.said(&["add", "--name", "Stretch", "--every", "90m", "--system-event", "Stand up"]);
    assert!(added.starts_with("✓ job added\nStretch: every 90 minutes\nNext: in "), "{added}");
    let tea = desk.json(&["add", "--name", "Tea", "--at", "+2h", "--system-event", "Ready", "--wake", "now"]);
    assert_eq!((&tea["schedule"]["kind"], &tea["wakeMode"]), (&json!("at"), &json!("now")));
    let id = tea["id"].as_str().unwrap();

    let list = desk.said(&["list"]);
    let heads: Vec<&str> = list.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heads, ["Job", "Schedule", "Next", "Last", "run", "Id"]);
    assert!(list.contains("Stretch") && list.contains(&id[..8]), "{list}");
    assert_eq!(desk.json(&["list"])["jobs"].as_array().unwrap().len(), 2);
    let status = desk.said(&["status"]);
    assert!(status.starts_with("Scheduler: on\nJobs: 2\nNext: in "), "{status}");

    let edited =
        desk.json(&["edit", "Tea", "--name", "Green tea", "--cron", "0 16 * * *", "--tz", "Europe/Berlin"]);
    assert_eq!(edited["schedule"], json!({ "kind": "cron", "expr": "0 16 * * *", "tz": "Europe/Berlin" }));
    assert!(desk.said(&["disable", &id[..8]]).contains("Green tea (off)"));
    assert!(!desk.said(&["list"]).contains("Green tea"));
    assert!(desk.said(&["list", "--all"]).contains("Green tea (off)"));
    desk.said(&["enable", id]);
    assert_eq!(desk.said(&["run", id]).trim(), "The job is not due; --force runs it all the same.");
    assert_eq!(desk.said(&["run", "Green tea", "--force"]).trim(), "✓ job ran: Ready");
    let runs = desk.said(&["runs", "--id", "Green tea"]);
    assert!(runs.lines().count() == 2 && runs.contains("ok") && runs.contains("Ready"), "{runs}");
    assert_eq!(desk.json(&["runs", "--id", id, "--limit", "1"])["entries"][0]["status"], "ok");
    assert_eq!(desk.said(&["rm", "Green tea"]).trim(), format!("✓ job removed: {id}"));
    assert_eq!(desk.run(&["rm", id]).expect_code(1).stdout.trim(), format!("✗ there is no job {id}"));
    assert_eq!(desk.json(&["list"])["jobs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_job_for_an_agent_says_why_it_does_not_run() {
    let desk = Desk::open();
    desk.said(&["add", "--name", "Report", "--every", "1d", "--message", "Sum the week up"]);
    let ran = desk.run(&["run", "Report", "--force"]).expect_code(1).stdout;
    assert!(ran.starts_with("✗ job skipped: agent runs are not part of this gateway yet"), "{ran}");
    assert!(desk.said(&["list"]).contains("Report: agent runs are not part of this gateway yet"));
}

#[test]
fn mistakes_are_told_with_what_helps() {
    let desk = Desk::open();
    let add = |more: &[&str]| desk.run(&[&["add", "--name", "X", "--system-event", "x"], more].concat());
    for (more, code, part) in [
        (&["--every", "0m"][..], 2, "use a number with s, m, h, or d"),
        (&["--at", "soon"], 2, "not a time; use 20m"),
        (&["--at", "2020-01-01"], 2, "--at is in the past"),
        (&[], 2, "<--at <WHEN>|--every <TIME>|--cron <EXPRESSION>>"),
        (&["--every", "1h", "--cron", "* * * * *"], 2, "cannot be used with"),
        (&["--every", "1h", "--tz", "UTC"], 2, "--tz is the zone of an expression (--cron)"),
        (&["--cron", "nope"], 1, "exactly five or six space separated parts are required"),
        (&["--cron", "0 0 30 2 *"], 1, "never fires"),
        (&["--cron", "0 0 * * *", "--tz", "Mars/X"], 1, "Invalid time zone specified: Mars/X"),
    ] {
        let failed = add(more).expect_code(code);
        assert!(failed.stderr.contains(part), "{more:?}: {}", failed.stderr);
    }
    let unknown = desk.run(&["run", "Standup"]).expect_code(1).stderr;
    assert!(unknown.contains("there is no job Standup"), "{unknown}");
    assert!(unknown.contains("Fix: see all of them with: clawdbot cron list --all"), "{unknown}");
    let unknown =
        desk.run(&["edit", "0f8fad5b-d9cb-469f-a165-70867728950e", "--enable"]).expect_code(1).stderr;
    assert!(unknown.contains("unknown cron job id: 0f8fad5b"), "{unknown}");
    assert!(desk.json(&["list", "--all"])["jobs"].as_array().unwrap().is_empty());
    let home = Home::new();
    Run::new(&home, &["cron", "list"]).finish().expect_code(3).expect_stderr("clawdbot gateway");
}
