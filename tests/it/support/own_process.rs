//! Tests that need a process to themselves: they adopt orphans, are killed, or want another network.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clawdbot::platform::env as environment;

use super::program::not_run;

/// Set in the process that runs the body; the file that the body's end is noted in.
const NOTE: &str = "CLAWDBOT_TEST_NOTE";

/// Runs `body` in a process of its own, in a fresh runtime. `test` is the full name of the test that calls this:
/// its process is this test binary, told to run only that test, which comes here again.
#[track_caller]
pub(crate) fn in_own_process(test: &str, body: impl AsyncFnOnce()) {
    if let Some(note) = environment::read().remove(NOTE) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(body());
        fs::write(note, "finished").unwrap();
        return;
    }
    run(test, &[]);
}

/// The same with a network of its own, in which the test is root and there is nothing but a loopback interface that
/// is up. Says so where the machine allows no such thing.
#[track_caller]
pub(crate) fn in_own_network(test: &str, body: impl FnOnce()) {
    if let Some(note) = environment::read().remove(NOTE) {
        ip("link set lo up");
        body();
        fs::write(note, "finished").unwrap();
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "a test that starts itself")]
    let possible = Command::new("unshare").args(["-rn", "ip", "link", "set", "lo", "up"]).output().unwrap();
    if possible.status.success() {
        run(test, &["unshare", "-rn"]);
    } else {
        not_run(&format!("no network of its own: {}", String::from_utf8_lossy(&possible.stderr)));
    }
}

/// Runs `ip` with these words. For the network of [`in_own_network`], which nobody else sees.
#[track_caller]
pub(crate) fn ip(words: &str) {
    #[expect(clippy::disallowed_methods, reason = "the tests are the ones who change a network")]
    let output = Command::new("ip").args(words.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn run(test: &str, through: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("note");
    let status = command_through(through, test, &note).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "the process of {test} ended with {status}; its messages are above");
    assert!(note.exists(), "no test is called {test}");
}

/// This test binary, told to run only `test`, ignored or not, and to note its end in the file `note`.
pub(crate) fn command(test: &str, note: &Path) -> Command {
    command_through(&[], test, note)
}

#[expect(clippy::disallowed_methods, reason = "a test that starts itself")]
fn command_through(through: &[&str], test: &str, note: &Path) -> Command {
    let this = env::current_exe().unwrap();
    let mut command = match through {
        [] => Command::new(this),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(this);
            command
        }
    };
    command.args([test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"]).env(NOTE, note);
    command
}
