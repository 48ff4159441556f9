//! `dev run`: a command with a gateway of its own, and nothing left of either.
//!
//! Linux, because the proof reads `/proc`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::dice::Dice;
use crate::support::home::Home;
use crate::support::process::{self, Process};
use crate::support::program::{self, BINARY, Finished, Run, fresh_mark};
use crate::support::wait::{self, PATIENCE};

/// How soon everything must be gone.
const SOON: Duration = Duration::from_secs(10);

/// `dev run` with its own temporary directory in `home`.
fn run(home: &Home, arguments: &[&str]) -> Finished {
    let temporary = temporary(home);
    let finished = Run::new(home, &[&["dev", "run"], arguments].concat()).env("TMPDIR", &temporary).finish();
    if !arguments.contains(&"--keep") {
        assert_eq!(entries(&temporary), Vec::<PathBuf>::new(), "{finished:?}");
    }
    finished
}

fn temporary(home: &Home) -> PathBuf {
    let temporary = home.path().join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    temporary
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// What starts it; every process of it but the keeper carries the mark.
fn dev_run(home: &Home, mark: &str, arguments: &[&str]) -> Command {
    let mut command: Command = program::command(Path::new(BINARY), home.path(), mark);
    command.env("TMPDIR", temporary(home)).args(["dev", "run"]).args(arguments);
    command
}

/// Starts it without waiting.
fn start(home: &Home, mark: &str, arguments: &[&str]) -> Child {
    let mut command = dev_run(home, mark, arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[track_caller]
fn assert_gone(home: &Home, mark: &str, seen: &[Process], what: &str) {
    let end = Instant::now() + SOON;
    loop {
        let processes: Vec<Process> = process::marked(mark)
            .into_iter()
            .chain(seen.iter().filter(|process| process::runs(process)).cloned())
            .collect();
        let files = entries(&temporary(home));
        if processes.is_empty() && files.is_empty() {
            return;
        }
        assert!(Instant::now() < end, "left after {what}: {processes:#?} {files:?}");
        wait::pass(Duration::from_millis(5));
    }
}

#[test]
fn the_command_finds_its_gateway() {
    let home = Home::new();
    let script = format!(
        "{BINARY} gateway health --json && {BINARY} gateway health --url $CLAWDBOT_GATEWAY_URL --token \
         $CLAWDBOT_GATEWAY_TOKEN && test -f $CLAWDBOT_CONFIG_PATH && test -d $CLAWDBOT_STATE_DIR && test \
         $CLAWDBOT_PROFILE = default && echo $CLAWDBOT_GATEWAY_URL | grep :$CLAWDBOT_GATEWAY_PORT && echo $MORE $HOME"
    );
    let finished = run(&home, &["--env", "MORE=of it", "--", "sh", "-c", &script]).expect_code(0);
    assert!(finished.stdout.ends_with(&format!("of it {}\n", home.path().display())), "{finished:?}");
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_wrong_token_is_refused() {
    let home = Home::new();
    let script = format!("{BINARY} gateway health --url $CLAWDBOT_GATEWAY_URL --token wrong");
    assert_ne!(run(&home, &["--", "sh", "-c", &script]).code(), Some(0));
}

#[test]
fn the_exit_code_is_the_commands() {
    let home = Home::new();
    run(&home, &["--", "true"]).expect_code(0);
    run(&home, &["--", "sh", "-c", "exit 42"])
        .expect_code(42)
        .expect_stderr("✗ the command ended with exit code 42; the last lines of the gateway's log:\n")
        .expect_stderr("INFO listening on ws://127.0.0.1:");
    run(&home, &["--", "sh", "-c", "kill -9 $$"]).expect_code(137).expect_stderr("signal 9 (SIGKILL)");
    run(&home, &["--", "no-such-command"])
        .expect_code(127)
        .expect_stderr("✗ command not found: no-such-command\n");
    run(&home, &["--", "/etc/passwd"])
        .expect_code(126)
        .expect_stderr("✗ command cannot be executed: /etc/passwd");
    run(&home, &["--"]).expect_code(2);
    run(&home, &["--fixture", "none", "--", "true"])
        .expect_code(2)
        .expect_stderr("There is no fixtures/profiles in");
    Run::new(&home, &["dev", "run", "--", "true"]).env("TMPDIR", "/nonexistent").finish().expect_code(78);
    let talkative = ["--log-level", "debug", "--", "sh", "-c", &format!("{BINARY} gateway health; exit 1")];
    run(&home, &talkative).expect_code(1).expect_stderr(" DEBUG ");
    run(&home, &["--timeout", "0", "--", "true"]).expect_code(2);
    Run::new(&home, &["--dev", "dev", "run", "--", "true"])
        .finish()
        .expect_code(2)
        .expect_stderr("leave --dev");
}

#[test]
fn a_command_that_takes_too_long_is_ended() {
    let home = Home::new();
    let finished = run(&home, &["--timeout", "0.2s", "--", "sleep", "3600"]).expect_code(124);
    assert!(finished.stderr.contains("✗ the command took too long"), "{finished:?}");
    assert!(finished.took < Duration::from_secs(5), "{finished:?}");
}

#[test]
fn standard_streams_are_the_commands_own() {
    let home = Home::new();
    let mut command = program::command(Path::new(BINARY), home.path(), &fresh_mark());
    command.env("TMPDIR", temporary(&home)).args(["dev", "run", "--", "sh", "-c", "cat; echo err >&2"]);
    let input = fs::File::open(home.write("input", "from the file\n")).unwrap();
    let output = command.stdin(input).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "from the file\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "err\n");
}

#[test]
fn signals_reach_the_command() {
    for (signal, name) in
        [(Signal::TERM, "TERM"), (Signal::INT, "INT"), (Signal::USR1, "USR1"), (Signal::QUIT, "QUIT")]
    {
        let (home, mark) = (Home::new(), fresh_mark());
        let script = format!("trap 'exit 33' {name}; echo > ready; sleep 3600 & wait");
        let mut child = start(&home, &mark, &["--", "sh", "-c", &script]);
        wait::until("the command runs", PATIENCE, || home.path().join("ready").exists().then_some(()));
        process::signal(child.id(), signal);
        let status = program::end_within(&mut child, PATIENCE).expect("it ends");
        assert_eq!(status.code(), Some(33), "SIG{name}");
        assert_gone(&home, &mark, &[], name);
    }
}

#[test]
fn what_the_command_leaves_running_is_ended() {
    let (home, mark) = (Home::new(), fresh_mark());
    let script = "setsid sh -c 'sleep 3600 & sleep 3600' > /dev/null 2>&1 & mkdir -p $CLAWDBOT_STATE_DIR/ro/x && chmod 500 \
                  $CLAWDBOT_STATE_DIR/ro && exit 0";
    let mut child = start(&home, &mark, &["--", "sh", "-c", script]);
    assert!(program::end_within(&mut child, PATIENCE).expect("it ends").success());
    // At once: whoever started it may count on that.
    assert_eq!(process::marked(&mark), []);
    assert_eq!(entries(&temporary(&home)), Vec::<PathBuf>::new());
}

#[test]
fn a_profile_is_copied_and_never_touched() {
    let home = Home::with_production();
    home.write(
        "source/.clawdbot/clawdbot.json",
        "{ gateway: { mode: 'local', auth: { token: 'of-the-profile' } } }",
    );
    let script = format!(
        "test \"$CLAWDBOT_GATEWAY_TOKEN\" = 'of-the-profile' && {BINARY} gateway health && echo > $CLAWDBOT_STATE_DIR/new"
    );
    run(&home, &["--profile-from", "source", "--", "sh", "-c", &script]).expect_code(0);
    assert_eq!(
        entries(&home.path().join("source/.clawdbot")),
        [home.path().join("source/.clawdbot/clawdbot.json")]
    );
    run(&home, &["--profile-from", "nowhere", "--", "true"])
        .expect_code(2)
        .expect_stderr("--profile-from nowhere");
}

#[test]
fn a_gateway_that_is_refused_says_why() {
    let home = Home::new();
    home.write("source/.clawdbot/clawdbot.json", "{ gateway: { mode: 'local', prot: 1 } }");
    let finished = run(&home, &["--profile-from", "source", "--", "touch", "ran"]).expect_code(78);
    assert!(finished.stderr.contains("✗ the gateway did not start: "), "{finished:?}");
    assert!(finished.stderr.contains("prot"), "{finished:?}");
    assert!(!home.path().join("ran").exists());
    // Nor is what cannot be used replaced by what can.
    home.write("source/.clawdbot/clawdbot.json", "{ gateway: { mode: 'local', auth: { token: 'a b' } } }");
    run(&home, &["--profile-from", "source", "--", "touch", "ran"])
        .expect_code(78)
        .expect_stderr("must not contain spaces");
}

#[test]
fn a_profile_is_kept_on_request() {
    let home = Home::new();
    let kept = run(&home, &["--keep", "--", "true"]).expect_code(0);
    let directory = kept.stderr.strip_prefix("✓ profile kept at ").expect("said").trim_end();
    assert!(Path::new(directory).join("home/.clawdbot/clawdbot.json").is_file());
    fs::remove_dir_all(directory).unwrap();

    run(&home, &["--artifacts", "saved", "--", "true"]).expect_code(0);
    assert_eq!(entries(&home.path().join("saved")).len(), 0);
    run(&home, &["--artifacts", "saved", "--", "false"]).expect_code(1).expect_stderr("✓ profile saved to ");
    let saved = entries(&home.path().join("saved"));
    assert!(saved[0].join("home/.clawdbot/logs/gateway.log").is_file(), "{saved:?}");
}

#[test]
fn events_tell_the_whole_story() {
    let home = Home::new();
    let finished = run(&home, &["--events", "json", "--", "false"]).expect_code(1);
    let names: Vec<String> = finished
        .stderr
        .lines()
        .map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!(event["v"], 1);
            event["event"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, ["starting", "ready", "running", "exited", "stopped"]);
    assert_eq!(finished.stdout, "");
}

#[test]
fn a_gateway_that_dies_is_told_at_once() {
    let home = Home::new();
    let pid = r#"sed -n 's/.*"pid": \([0-9]*\).*/\1/p' $CLAWDBOT_STATE_DIR/gateway.json"#;
    // It ends once that was told.
    let script = format!("kill -9 $({pid}); read told; exit 0");
    let mut command = dev_run(&home, &fresh_mark(), &["--", "sh", "-c", &script]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = said.find(|line| line.contains("the gateway ended")).expect("told");
    assert_eq!(line, "✗ the gateway ended while the command ran: signal 9 (SIGKILL)");
    drop(child.stdin.take());
    assert!(program::end_within(&mut child, PATIENCE).expect("it ends").success());
}

#[test]
fn twenty_at_once_do_not_meet() {
    let home = Home::new();
    let mark = fresh_mark();
    let mut children: Vec<Child> =
        (0..20).map(|_| start(&home, &mark, &["--", BINARY, "gateway", "health"])).collect();
    for child in &mut children {
        assert!(program::end_within(child, PATIENCE).expect("it ends").success());
    }
    assert_gone(&home, &mark, &[], "twenty runs");
}

#[test]
fn killed_at_any_moment_it_leaves_nothing() {
    let mut dice = Dice(20_260_125);
    for round in 0..60 {
        let (home, mark) = (Home::new(), fresh_mark());
        let script = "setsid sleep 3600 & sleep 3600";
        let mut child = start(&home, &mark, &["--", "sh", "-c", script]);
        // Most of a run is its start.
        let moment = Duration::from_micros(dice.below(if round % 3 == 0 { 400_000 } else { 80_000 }));
        wait::pass(moment);
        let seen = process::tree(child.id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_gone(&home, &mark, &seen, &format!("SIGKILL after {moment:?}"));
    }
}

#[test]
fn whatever_is_killed_of_it_nothing_is_left() {
    for victim in ["__dev-keeper", "__dev-inside", "gateway --port 0"] {
        let (home, mark) = (Home::new(), fresh_mark());
        let mut child = start(&home, &mark, &["--", "sh", "-c", "echo > ready; exec sleep 3600"]);
        wait::until("the command runs", PATIENCE, || home.path().join("ready").exists().then_some(()));
        let seen = process::tree(child.id());
        let victim_process = seen.iter().find(|process| process.command.contains(victim)).expect(victim);
        process::signal(victim_process.pid, Signal::KILL);
        if victim.starts_with("gateway") {
            process::signal(child.id(), Signal::TERM);
        }
        let status = program::end_within(&mut child, PATIENCE).expect("it ends");
        assert!(!status.success(), "{victim}: {status}");
        assert_gone(&home, &mark, &seen, victim);
    }
}

#[test]
fn a_gateway_for_a_person_is_as_ephemeral() {
    let (home, mark) = (Home::with_production(), fresh_mark());
    let mut command: Command = program::command(Path::new(BINARY), home.path(), &mark);
    command.env("TMPDIR", temporary(&home)).args(["gateway", "--dev", "--ephemeral", "--events", "json"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("\"event\":\"ready\"")).expect("ready");
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let token = said.find_map(|line| line.strip_prefix("✓ token: ").map(str::to_owned)).expect("a token");
    let asked = ["gateway", "health", "--url", ready["url"].as_str().unwrap(), "--token", &token];
    Run::new(&home, &asked).finish().expect_code(0);
    assert!(!home.state().exists(), "the dev profile of the home was made");
    process::signal(child.id(), Signal::INT);
    assert!(program::end_within(&mut child, PATIENCE).expect("it ends").success());
    assert_gone(&home, &mark, &[], "an interrupt");

    for (arguments, text) in [
        (&["gateway", "--ephemeral"][..], "Use --ephemeral with --dev."),
        (&["gateway", "--dev", "--ephemeral", "--reset"], "--reset means nothing with --ephemeral"),
    ] {
        Run::new(&home, arguments).finish().expect_code(2).expect_stderr(text);
    }
}
