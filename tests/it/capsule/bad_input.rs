//! Where no capsule can be made: a clear message, the right exit code, and nothing left behind.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::opened::{Opened, capture};
use crate::support::home::Home;
use crate::support::program::{BINARY, Run};

fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn profile() -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    home
}

#[track_caller]
fn refused(home: &Home, arguments: &[&str], code: i32, text: &str) {
    let before = names(home.path());
    let finished = capture(home, arguments).expect_code(code);
    assert!(finished.stderr.contains(text), "{text:?} is not in {}", finished.stderr);
    assert_eq!(names(home.path()), before);
}

#[test]
fn what_is_asked_for_is_not_there() {
    let home = profile();
    home.write("taken", "x");
    home.write("recordings/notes", "x");
    refused(&home, &["x", "--profile", "other"], 2, "There is no profile in");
    refused(&home, &["x", "--from", "missing"], 2, "Failed to read");
    refused(&home, &["x", "--from", "recordings"], 2, "is no state directory");
    refused(
        &home,
        &["x", "--recording", "recordings"],
        2,
        "recordings holds no recording; begin one with gateway --record",
    );
    refused(&home, &["missing/x"], 2, "There is no directory");
    refused(&home, &["taken"], 2, "taken exists already. Choose another name.");
    refused(&home, &[".."], 2, "exists already");
    refused(&home, &["x", "--include", "["], 2, "is no pattern for names");
    refused(&home, &["x", "--max-size", "much"], 2, "not a size");
    refused(&home, &["x", "--max-size", "10"], 2, "more than --max-size allows");
    refused(&home, &["x", "--from", ".clawdbot", "--profile", "work"], 2, "leave --dev and --profile away");
    assert_eq!(fs::read_to_string(home.path().join("taken")).unwrap(), "x");
}

#[test]
fn nobody_can_be_asked() {
    let home = profile();
    let finished = Run::new(&home, &["dev", "capture", "x"]).finish().expect_code(2);
    assert!(finished.stderr.contains("Pass --yes"), "{finished:?}");
    let finished = Run::new(&home, &["dev", "capture", "x", "--json"]).finish().expect_code(2);
    let told: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(told["error"]["kind"], "usage");
    assert_eq!(names(home.path()), BTreeSet::from([".clawdbot".to_owned()]));
}

/// A file that grows beyond what the system allows, and a file that it was not allowed to make.
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let home = profile();
    // Nothing that could be compressed.
    let text: String = (0_u64..40_000)
        .map(|n| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        .collect::<Vec<_>>()
        .join("\n");
    home.write("clawd/noise.md", &text);
    let before = names(home.path());
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {BINARY} dev capture x --yes");
    let finished = Run::of(Path::new("sh"), &home, &["-c", &script]).finish().expect_code(1);
    assert!(
        finished.stderr.contains("Failed to write") && finished.stderr.contains("Nothing was written."),
        "{finished:?}"
    );
    assert_eq!(names(home.path()), before);
    // Killed on the way.
    let script = format!("ulimit -f 8; exec {BINARY} dev capture x --yes");
    let finished = Run::of(Path::new("sh"), &home, &["-c", &script]).finish();
    assert_eq!(finished.code(), None, "{finished:?}");
    assert_eq!(names(home.path()), before);
}

#[test]
fn what_cannot_be_read_stays_behind() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let home = profile();
    home.write(".clawdbot/broken.json", "\u{0}\u{1}");
    let odd = home.path().join(".clawdbot/odd\nname");
    fs::write(&odd, "x").unwrap();
    symlink("/etc/passwd", home.path().join(".clawdbot/link")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.path().join(".clawdbot/pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let secret = home.write(".clawdbot/secret.json", "{}");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o0)).unwrap();
    let is_root = fs::read(&secret).is_ok();
    capture(&home, &["x"]).expect_code(0);
    let opened = Opened::of(&home.path().join("x"));
    for (path, reason) in [
        (".clawdbot/broken.json", "no text"),
        (".clawdbot/odd\nname", "a name that not every system has"),
        (".clawdbot/link", "a link"),
        (".clawdbot/pipe", "neither file nor directory"),
    ] {
        assert_eq!(opened.left_out(path).as_deref(), Some(reason), "{path}");
    }
    let secret = opened.left_out(".clawdbot/secret.json");
    assert!(
        is_root || secret.as_deref().is_some_and(|reason| reason.starts_with("cannot be read")),
        "{secret:?}"
    );
    // The listing shows no terminal what to do.
    let finished = capture(&home, &["y"]).expect_code(0);
    assert!(finished.stderr.contains(".clawdbot/odd name"), "{}", finished.stderr);
}

#[test]
fn a_directory_that_cannot_be_written_to() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = profile();
    let folder = home.path().join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.join("probe"), "").is_ok() {
        // Root may write everywhere but here.
        refused(&home, &["/proc/x"], 1, "Failed to write /proc");
        return;
    }
    refused(&home, &["closed/x"], 1, "Permission denied");
}
