//! `clawdbot gateway logs`: the log of a gateway, whether it runs or not.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::{self, Finished, Run};
use crate::support::wait::{self, PATIENCE};

const LOG: &str = ".clawdbot/logs/gateway.log";

/// A line of the log file at a second of a minute.
fn line(second: u32, level: &str, message: &str) -> String {
    let time = format!("2026-11-28T09:15:{second:02}.000Z");
    let bindings = r#"{"subsystem":"gateway/ws"}"#;
    let meta = json!({ "logLevelName": level, "date": time });
    json!({ "0": bindings, "1": { "ms": 5 }, "2": message, "_meta": meta, "time": time }).to_string() + "\n"
}

fn shown(second: u32, rest: &str) -> String {
    format!("2026-11-28T09:15:{second:02}.000Z {rest}\n")
}

fn home() -> Home {
    let home = Home::new();
    let text =
        [line(1, "INFO", "one"), line(2, "WARN", "two"), line(3, "DEBUG", "three"), line(4, "ERROR", "four")];
    home.write(LOG, &text.concat());
    home
}

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, arguments).finish().expect_code(0)
}

/// The objects of a run with `--json`.
fn objects(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let finished = run(home, &[arguments, &["--json"]].concat());
    finished.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run with `--follow`, whose lines are collected; killed when dropped.
struct Following {
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl Following {
    fn new(run: Run) -> Self {
        let mut child = run.into_command().spawn().unwrap();
        let collect = |pipe: Box<dyn Read + Send>| {
            let text = Arc::new(Mutex::new(String::new()));
            let shared = Arc::clone(&text);
            // Ends with the pipe.
            thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    let mut text = shared.lock().unwrap();
                    text.push_str(&line);
                    text.push('\n');
                }
            });
            text
        };
        let stdout = collect(Box::new(child.stdout.take().unwrap()));
        let stderr = collect(Box::new(child.stderr.take().unwrap()));
        Self { child, stdout, stderr }
    }

    /// Everything on a stream, once it ends so.
    #[track_caller]
    fn until(stream: &Mutex<String>, end: &str) -> String {
        wait::until(format!("{end:?}"), PATIENCE, || {
            let text = stream.lock().unwrap();
            text.ends_with(end).then(|| text.clone())
        })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_log_is_shown_without_a_gateway() {
    let home = home();
    let all = [
        shown(1, "[ws] one ms=5"),
        shown(2, "[ws] warn: two ms=5"),
        shown(3, "[ws] debug: three ms=5"),
        shown(4, "[ws] error: four ms=5"),
    ];
    for command in
        [&["gateway", "logs"][..], &["logs"], &["logs", "--plain", "--since", "2026-11-28T09:15:01Z"]]
    {
        let finished = run(&home, command);
        assert_eq!(finished.stdout, all.concat());
        assert_eq!(finished.stderr, format!("Log file: {}\n", home.path().join(LOG).display()));
    }
    let check = |arguments: &[&str], expected: &[String]| {
        assert_eq!(run(&home, &[&["logs"], arguments].concat()).stdout, expected.concat(), "{arguments:?}");
    };
    check(&["--limit", "2"], &all[2..]);
    check(&["-n", "0"], &[]);
    check(&["--level", "warn"], &[all[1].clone(), all[3].clone()]);
    check(&["--level", "warn", "-n", "1"], &all[3..]);
    check(&["--since", "2026-11-28T10:15:03+01:00"], &all[2..]);
    check(&["--since", "10m"], &[]);
    Run::new(&home, &["logs", "--since", "soon"])
        .finish()
        .expect_code(2)
        .expect_stderr("not a time; use 10m");
}

#[test]
fn programs_get_the_published_objects() {
    let home = home();
    home.write(LOG, &(line(1, "INFO", "one") + "no JSON\n"));
    let size = fs::metadata(home.path().join(LOG)).unwrap().len();
    assert_eq!(
        objects(&home, &["gateway", "logs"]),
        [
            json!({ "type": "meta", "file": home.path().join(LOG), "cursor": size, "size": size }),
            json!({
                "type": "log", "time": "2026-11-28T09:15:01.000Z", "level": "info", "subsystem": "gateway/ws",
                "message": "one", "raw": line(1, "INFO", "one").trim_end(),
            }),
            json!({ "type": "raw", "raw": "no JSON" }),
        ]
    );
}

#[test]
fn a_log_that_is_not_there_is_named() {
    let home = Home::new();
    let path = home.path().join(LOG);
    let finished = run(&home, &["gateway", "logs"]);
    let text =
        format!("No log file at {}; no gateway of this profile has logged anything yet.", path.display());
    assert_eq!((&*finished.stdout, finished.stderr.trim_end()), ("", &*text));
    assert_eq!(objects(&home, &["logs"]), [json!({ "type": "notice", "message": text })]);
    assert!(!home.path().join(".clawdbot").exists(), "looking leaves nothing behind");

    home.write("elsewhere/my.log", &line(1, "INFO", "elsewhere"));
    home.write(".clawdbot-dev/clawdbot.json", "{ logging: { file: '~/elsewhere/my.log' } }");
    assert_eq!(run(&home, &["--dev", "logs"]).stdout, shown(1, "[ws] elsewhere ms=5"));
    assert_eq!(run(&home, &["gateway", "logs", "--dev"]).stdout, shown(1, "[ws] elsewhere ms=5"));

    fs::create_dir_all(&path).unwrap();
    let refused = Run::new(&home, &["logs"]).finish().expect_code(1);
    assert_eq!(refused.stderr, format!("failed to read {}: not a regular file\n", path.display()));
}

#[test]
fn rotated_files_and_what_a_service_printed_are_in_the_order_of_time() {
    let home = Home::new();
    home.write(&format!("{LOG}.2"), &line(1, "INFO", "oldest"));
    home.write(&format!("{LOG}.1"), &line(2, "INFO", "older"));
    home.write(LOG, &(line(4, "WARN", "copied") + &line(6, "INFO", "newest")));
    home.write(
        ".clawdbot/logs/gateway.err.log",
        "2026-11-28T09:15:03.000Z [ws] warn: only here\n2026-11-28T09:15:04.000Z [ws] warn: copied\nError: bad\n\
         2026-11-28T09:15:05.000Z [ws] warn: last\n",
    );
    let newer = [
        shown(3, "[ws] warn: only here"),
        shown(4, "[ws] warn: copied ms=5"),
        "Error: bad\n".to_owned(),
        shown(5, "[ws] warn: last"),
        shown(6, "[ws] newest ms=5"),
    ];
    let older = [shown(1, "[ws] oldest ms=5"), shown(2, "[ws] older ms=5")];
    assert_eq!(run(&home, &["logs"]).stdout, older.concat() + &newer.concat());
    assert_eq!(run(&home, &["logs", "--level", "error"]).stdout, "Error: bad\n");
    assert_eq!(run(&home, &["logs", "-n", "2"]).stdout, newer[3..].concat());
}

#[cfg(target_os = "linux")]
#[test]
fn the_journal_of_the_service_is_part_of_it() {
    let home = home();
    home.write(".config/systemd/user/clawdbot-gateway.service", "[Service]\nExecStart=/bin/true\n");
    let entry = |microseconds: u64, name: &str, message: &str| {
        json!({
            "__CURSOR": "s=1", "__REALTIME_TIMESTAMP": (1_795_857_300_000_000 + microseconds).to_string(),
            "PRIORITY": "6", "SYSLOG_IDENTIFIER": name, "MESSAGE": message,
        })
        .to_string()
    };
    let first = [
        entry(500_000, "systemd", "Started it."),
        entry(2_001_000, "clawdbot", "2026-11-28T09:15:02.000Z [ws] warn: two ms=5"),
        entry(2_500_000, "clawdbot", "✓ listening"),
    ];
    let more = [
        entry(9_000_000, "clawdbot", "2026-11-28T09:15:09.000Z [ws] warn: nine"),
        entry(9_500_000, "systemd", "Stopped it."),
    ];
    home.write("first.json", &(first.join("\n") + "\n"));
    home.write("more.json", &(more.join("\n") + "\n"));
    let script = "#!/bin/sh\necho \"$@\" >>\"$HOME/asked\"\n\
                  case \"$*\" in *--follow*) cat \"$HOME/more.json\"; while echo; do sleep 0.1; done ;; *) cat \"$HOME/first.json\" ;; esac\n";
    let stub = home.write("bin/journalctl", script);
    fs::set_permissions(stub, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", home.path().join("bin").display());
    let run = |arguments: &[&str]| Run::new(&home, arguments).env("PATH", &path);

    let finished = run(&["logs", "--level", "info"]).finish().expect_code(0);
    let expected = [
        "2026-11-28T09:15:00.500Z [systemd] Started it.\n".to_owned(),
        shown(1, "[ws] one ms=5"),
        shown(2, "[ws] warn: two ms=5"),
        "2026-11-28T09:15:02.500Z [clawdbot] ✓ listening\n".to_owned(),
        shown(4, "[ws] error: four ms=5"),
    ];
    assert_eq!(finished.stdout, expected.concat());
    let following = Following::new(run(&["logs", "--follow", "-n", "1"]));
    let end = shown(9, "[ws] warn: nine") + "2026-11-28T09:15:09.500Z [systemd] Stopped it.\n";
    let stdout = Following::until(&following.stdout, &end);
    assert_eq!(stdout, shown(4, "[ws] error: four ms=5") + &end);
    drop(following);
    let common = "--user-unit clawdbot-gateway.service --output=json --no-pager --quiet";
    assert_eq!(
        home.read("asked"),
        format!("{common} --lines=200\n{common} --lines=1\n{common} --follow --no-tail --after-cursor=s=1\n")
    );

    home.write("bin/journalctl", "#!/bin/sh\necho 'No journal files were found.' >&2; exit 1\n");
    let finished = run(&["logs", "-n", "1"]).finish().expect_code(0);
    assert_eq!(finished.stdout, shown(4, "[ws] error: four ms=5"));
    finished.expect_stderr(
        "The journal of the service was not read: journalctl failed: No journal files were found.",
    );
}

#[test]
fn new_lines_are_followed_over_rotation_and_truncation() {
    let home = Home::new();
    let following = Following::new(Run::new(&home, &["gateway", "logs", "--follow", "--level", "info"]));
    Following::until(&following.stderr, "; waiting for it.\n");
    let append = |text: &str| {
        use std::io::Write;
        let mut file = fs::OpenOptions::new().append(true).create(true).open(home.path().join(LOG)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    home.write(LOG, "");
    let expect = |second: u32| Following::until(&following.stdout, &shown(second, "[ws] line ms=5"));
    append(&line(1, "INFO", "line"));
    expect(1);
    append(&line(2, "DEBUG", "left out"));
    append(&line(3, "INFO", "line"));
    fs::rename(home.path().join(LOG), home.path().join(".clawdbot/logs/gateway.log.1")).unwrap();
    append(&line(4, "INFO", "line"));
    expect(4);
    fs::write(home.path().join(LOG), "").unwrap();
    Following::until(&following.stderr, "gateway.log was emptied.\n");
    append(&line(5, "INFO", "line"));
    expect(5);
    fs::rename(home.path().join(".clawdbot"), home.path().join("gone")).unwrap();
    home.write(LOG, &line(6, "INFO", "line"));
    let stdout = expect(6);
    let expected: Vec<_> = [1, 3, 4, 5, 6].map(|second| shown(second, "[ws] line ms=5")).to_vec();
    assert_eq!(stdout, expected.concat());
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_follows_a_silent_log_sleeps() {
    let home = home();
    let following = Following::new(Run::new(&home, &["logs", "--follow"]));
    Following::until(&following.stdout, "four ms=5\n");
    let status = format!("/proc/{}/task", following.child.id());
    let switches = || {
        let tasks = fs::read_dir(&status).unwrap().map(|task| task.unwrap().path().join("status"));
        let counts = tasks.map(|task| {
            let text = fs::read_to_string(task).unwrap_or_default();
            text.lines().filter(|line| line.contains("ctxt_switches")).map(str::to_owned).collect::<Vec<_>>()
        });
        counts.collect::<Vec<_>>()
    };
    // It settles before it sleeps.
    let mut before = switches();
    wait::until("a quiet moment", PATIENCE, || {
        wait::pass(wait::VIGIL / 4);
        let now = switches();
        let is_quiet = now == before;
        before = now;
        is_quiet.then_some(())
    });
    wait::never("it wakes", wait::VIGIL, || (switches() != before).then(|| "it woke".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let home = Home::new();
    home.write(LOG, &line(1, "INFO", &"x".repeat(1000)).repeat(2000));
    for arguments in [&["logs", "--limit", "2000"][..], &["logs", "--follow", "--limit", "2000"]] {
        let mut child = Run::new(&home, arguments).into_command().spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let status = program::end_within(&mut child, PATIENCE).expect("still running");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((status.code(), said.lines().count()), (Some(0), 1), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn whoever_follows_ends_by_the_signal() {
    use std::os::unix::process::ExitStatusExt;

    let home = home();
    let mut following = Following::new(Run::new(&home, &["logs", "--follow"]));
    Following::until(&following.stdout, "four ms=5\n");
    crate::support::process::signal(following.child.id(), rustix::process::Signal::TERM);
    let status = program::end_within(&mut following.child, PATIENCE).expect("still running");
    assert_eq!(status.signal(), Some(15), "a shell makes 143 of it");
}

#[test]
fn a_gateway_elsewhere_is_asked() {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' }, logging: { level: 'debug' } }");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let url = format!("ws://{}", gateway.address());
    let other = Home::new();
    let finished = run(&other, &["logs", "--url", &url, "--level", "info"]);
    assert!(finished.stdout.contains(&format!("Z [gateway] listening on {url}")), "{}", finished.stdout);
    assert_eq!(finished.stderr, format!("Log file: {}\n", home.path().join(LOG).display()));
    let told = objects(&other, &["gateway", "logs", "--url", &url, "-n", "1"]);
    assert_eq!((&told[0]["type"], told.len()), (&json!("meta"), 2), "{told:?}");

    let following =
        Following::new(Run::new(&other, &["logs", "--url", &url, "-f", "--interval", "50", "-n", "0"]));
    Following::until(&following.stderr, "gateway.log\n");
    wait::until("a line of the log", PATIENCE, || {
        let stdout = following.stdout.lock().unwrap();
        stdout.contains("[ws] debug: ").then_some(())
    });
    drop(gateway);
    Following::until(&following.stderr, "it is asked again and again.\n");
    let lost = Run::new(&other, &["logs", "--url", &url]).finish().expect_code(3);
    assert!(
        lost.stderr.starts_with("Gateway not reachable. Is it running and accessible?\n"),
        "{}",
        lost.stderr
    );
}
