//! With programs that every Unix has.

use std::fs;
use std::time::{Duration, Instant};

use super::*;
use crate::platform::exec::Cancel;
use crate::platform::pid;

fn shell(script: &str) -> CommandLine {
    CommandLine::new("sh").args(["-c", script])
}

#[track_caller]
fn run(line: &CommandLine) -> CommandOutput {
    SystemRunner.run(line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
}

#[test]
fn both_streams_and_the_exit_code_come_back() {
    let output = run(&shell("echo out; echo $WORD >&2; exit 3").env("WORD", "err"));
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(output.exit.code, Some(3));
    assert!(!output.success() && run(&shell("true")).success());
    assert_eq!(run(&shell("kill -9 $$")).exit.signal, Some(9));
}

#[test]
fn it_runs_where_it_is_told_without_what_is_kept_from_it() {
    let directory = tempfile::tempdir().unwrap();
    let real = directory.path().canonicalize().unwrap();
    let output = run(&shell("pwd -P; echo ${PATH+found}").directory(directory.path()));
    assert_eq!(output.stdout, format!("{}\nfound\n", real.display()));
    let program = CommandLine::new("/bin/sh").args(["-c", "env"]).without(&["PATH"]);
    assert!(!run(&program).stdout.contains("\nPATH=/"));
    let gone = SystemRunner.run(&shell("true").directory(directory.path().join("none"))).unwrap_err();
    assert!(matches!(gone, ExecError::NotFound(_)), "{gone}");
}

#[test]
fn a_long_input_is_written_while_a_long_output_is_read() {
    let long = vec![b'x'; 1 << 20];
    assert_eq!(run(&CommandLine::new("cat").stdin(long.clone())).stdout.as_bytes(), long);
    assert!(run(&shell("exec <&-; exit 0").stdin(long)).success(), "need not be read");
    assert_eq!(run(&shell("cat")).stdout, "", "without input there is an end of it");
}

#[test]
fn after_the_time_limit_the_whole_group_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("pid");
    let script = format!("sleep 100 & echo $! > {}.new; mv {0}.new {0}; wait", note.display());
    // The limit is long enough for the shell to write its note on a busy machine.
    let error = SystemRunner.run(&shell(&script).timeout(Duration::from_secs(1))).unwrap_err();
    assert_eq!(error.to_string(), "failed to run sh: no end within 1000 ms");
    let grandchild: u32 = fs::read_to_string(note).unwrap().trim().parse().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    // Process 1 collects it in its own time.
    while pid::exists(grandchild) && !is_zombie(grandchild) {
        assert!(Instant::now() < deadline, "process {grandchild} is still alive");
        std::thread::yield_now();
    }
}

fn is_zombie(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}

#[test]
fn what_was_said_before_the_time_limit_is_not_lost() {
    let line = shell("echo visit this page; echo soon >&2; sleep 100").timeout(Duration::from_secs(1));
    match SystemRunner.run(&line).unwrap_err() {
        ExecError::TimedOut { said, .. } => assert_eq!(said, "soon\nvisit this page\n"),
        error => panic!("{error}"),
    }
}

#[test]
fn an_answer_that_nobody_wants_any_more_is_not_waited_for() {
    let cancel = Cancel::default();
    let line = CommandLine::new("sleep").args(["100"]).timeout(Duration::from_secs(100)).until(&cancel);
    let running = std::thread::spawn(move || SystemRunner.run(&line));
    cancel.cancel();
    let error = running.join().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "failed to run sleep: not wanted any more");
}

#[test]
fn whoever_keeps_the_pipes_open_is_not_waited_for() {
    let begin = Instant::now();
    let output = run(&shell("sleep 4 & echo done"));
    assert_eq!(output.stdout, "done\n");
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[test]
fn endless_output_is_cut() {
    let error = SystemRunner.run(&CommandLine::new("yes")).unwrap_err();
    assert_eq!(error.to_string(), "failed to run yes: endless output");
}

#[test]
fn what_cannot_be_run_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let check = |content: &[u8], mode: u32, expected: &str| {
        let path = directory.path().join("program");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let error = SystemRunner.run(&CommandLine::new(&path)).unwrap_err();
        assert_eq!(error.to_string(), format!("failed to run {}: {expected}", path.display()));
    };
    check(b"", 0o600, "not executable");
    check(b"\x7fELF but not really", 0o700, "not executable");
    check(b"#!/no/such/interpreter\n", 0o700, "not found");
    let error = SystemRunner.run(&CommandLine::new("no-such-program-anywhere")).unwrap_err();
    assert!(matches!(error, ExecError::NotFound(_)), "{error}");
}
