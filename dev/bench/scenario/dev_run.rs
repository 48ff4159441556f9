//! `dev run`: one, a hundred at once, and killed at random moments.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::figures::Figures;
use crate::machine;
use crate::options::Options;
use crate::report;
use crate::stats;
use crate::support::home::Home;
use crate::support::process::{self, Process};
use crate::support::program::{self, Run, fresh_mark};
use crate::support::wait;

/// How many run at once.
const MANY: usize = 100;
/// How soon everything must be gone after a SIGKILL, on a machine that does nothing else.
const SOON: Duration = Duration::from_secs(2);

/// Everything about `dev run`.
pub(crate) fn run(options: &Options, figures: &mut Figures) {
    let home = Home::new();
    let times: Vec<f64> = (0..options.rounds(50))
        .map(|_| {
            let run = Run::of(&options.binary, &home, &["dev", "run", "--", "true"]).finish().expect_code(0);
            run.took.as_secs_f64() * 1e3
        })
        .collect();
    figures.put_spread("run.true", &times);
    many(options, figures);
    let left = (0..options.rounds(300)).map(|_| survivors(options, &[])).sum();
    figures.put("run.kill.left", stats::count(left));
    // Our own gateway, as somebody else's.
    let binary = options.binary.display();
    let gateway = format!("env -u CLAWDBOT_PROFILE '{binary}' gateway --port {{port}}");
    let exec = ["--exec", &gateway, "--ready", "hello"];
    let left = (0..options.rounds(300)).map(|_| survivors(options, &exec)).sum();
    figures.put("run.exec.kill.left", stats::count(left));
}

/// `dev run` with its own temporary directory in `home`.
fn command(options: &Options, home: &Home, mark: &str, more: &[&str]) -> Command {
    let temporary = home.path().join("tmp");
    fs::create_dir_all(&temporary).expect("temporary directory");
    let mut command = program::command(&options.binary, home.path(), mark);
    command.env("TMPDIR", temporary).args(["dev", "run", "--events", "json"]).args(more).arg("--");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn many(options: &Options, figures: &mut Figures) {
    let (home, mark) = (Home::new(), fresh_mark());
    let begin = Instant::now();
    let mut children: Vec<Child> = (0..MANY)
        // It lives until its standard input is closed.
        .map(|_| command(options, &home, &mark, &[]).arg("cat").spawn().expect("the program starts"))
        .collect();
    let readers: Vec<_> = children
        .iter_mut()
        .map(|child| {
            let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
            assert!(lines.any(|line| line.contains("\"event\":\"running\"")), "one of them was never ready");
            lines
        })
        .collect();
    figures.put("run.many.ready", begin.elapsed().as_secs_f64() * 1e3);
    let processes: Vec<Process> = children.iter().flat_map(|child| process::tree(child.id())).collect();
    let kib: u64 = processes.iter().map(|process| process::memory_kib(process.pid).1).sum();
    figures.put(
        "run.many.pss",
        stats::count(usize::try_from(kib).expect("memory")) / 1024.0 / stats::count(MANY),
    );
    for child in &mut children {
        drop(child.stdin.take());
    }
    for child in &mut children {
        let _ = child.wait();
    }
    drop(readers);
    figures.put("run.many.left", stats::count(left(&home, &mark, &processes)));
}

fn survivors(options: &Options, more: &[&str]) -> usize {
    let (home, mark) = (Home::new(), fresh_mark());
    let script = "setsid sleep 3600 & sleep 3600";
    let mut child =
        command(options, &home, &mark, more).args(["sh", "-c", script]).spawn().expect("the program starts");
    wait::pass(Duration::from_micros(machine::below(60_000)));
    let seen = process::tree(child.id());
    let _ = child.kill();
    let _ = child.wait();
    let end = Instant::now() + SOON;
    while left(&home, &mark, &seen) > 0 && Instant::now() < end {
        wait::pass(Duration::from_millis(2));
    }
    let left = left(&home, &mark, &seen);
    if left > 0 {
        report::line(&format!("  {left} left after SIGKILL"));
        process::marked(&mark).iter().chain(&seen).for_each(process::kill);
    }
    left
}

/// Processes and directories that are left.
fn left(home: &Home, mark: &str, seen: &[Process]) -> usize {
    let mut processes = process::marked(mark);
    processes.extend(seen.iter().filter(|process| process::runs(process)).cloned());
    processes.sort();
    processes.dedup();
    processes.len() + fs::read_dir(home.path().join("tmp")).map_or(0, Iterator::count)
}
