//! Tests that need a process to themselves: they adopt orphans, or are killed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use clawdbot::platform::env as environment;

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
    let directory = tempfile::tempdir().unwrap();
    let note = directory.path().join("note");
    let status = command(test, &note).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "the process of {test} ended with {status}; its messages are above");
    assert!(note.exists(), "no test is called {test}");
}

/// This test binary, told to run only `test`, ignored or not, and to note its end in the file `note`.
#[expect(clippy::disallowed_methods, reason = "a test that starts itself")]
pub(crate) fn command(test: &str, note: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"]).env(NOTE, note);
    command
}
