//! With package managers that are scripts and say what they were asked.

#![cfg(unix)]

use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::platform::exec::SystemRunner;

/// A home, and programs in a `PATH` that leads nowhere else.
struct Place {
    root: tempfile::TempDir,
    path: String,
    manager: NodeManager,
    limit: Duration,
}

impl Place {
    /// With these programs, each a script that says its arguments and ends with `then`.
    fn new(programs: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("bin")).unwrap();
        let path = root.path().join("bin").to_string_lossy().into_owned();
        let place = Self { root, path, manager: NodeManager::Npm, limit: Duration::from_mins(1) };
        for (name, then) in programs {
            place.program(name, &format!("echo \"{name} $*\"\n{then}"));
        }
        place
    }

    fn program(&self, name: &str, script: &str) {
        // By another process: as long as one that this process has just forked holds a file open for writing, nobody
        // can execute it.
        let path = self.root.path().join("bin").join(name);
        let write = CommandLine::new("/bin/sh")
            .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
            .args([path])
            .stdin(format!("#!/bin/sh\n{script}\n"));
        assert!(SystemRunner.run(&write).unwrap().success());
    }

    fn install(&self, item: &Value) -> Outcome {
        let tools = Tools {
            runner: &SystemRunner,
            path: Some(&self.path),
            home: self.root.path(),
            downloads: self.root.path().join("tools"),
            manager: self.manager,
            limit: self.limit,
            deadline: Instant::now() + self.limit,
            cancel: Cancel::default(),
        };
        tools.install(&Installer::of(item).unwrap())
    }

    #[track_caller]
    fn says(&self, item: &Value, expected: &str) {
        let outcome = self.install(item);
        assert!(outcome.ok, "{outcome:?}");
        assert_eq!((outcome.message.as_str(), outcome.code), ("Installed", Some(0)));
        assert_eq!(outcome.stdout, expected, "{item}");
    }

    #[track_caller]
    fn refuses(&self, item: &Value, expected: &str) {
        let outcome = self.install(item);
        assert_eq!(outcome, Outcome::refused(expected), "{item}");
    }
}

fn brew() -> Value {
    json!({ "kind": "brew", "formula": "some/tap/f" })
}

fn node() -> Value {
    json!({ "kind": "node", "package": "p@1" })
}

#[test]
fn each_kind_asks_its_manager() {
    let mut place =
        Place::new(&[("brew", ""), ("npm", ""), ("pnpm", ""), ("yarn", ""), ("bun", ""), ("uv", "")]);
    place.says(&brew(), "brew install some/tap/f");
    place.says(&json!({ "kind": "uv", "package": "u" }), "uv tool install u");
    for (manager, expected) in [
        (NodeManager::Npm, "npm install -g p@1"),
        (NodeManager::Pnpm, "pnpm add -g p@1"),
        (NodeManager::Yarn, "yarn global add p@1"),
        (NodeManager::Bun, "bun add -g p@1"),
    ] {
        place.manager = manager;
        place.says(&node(), expected);
    }
}

#[test]
fn go_installs_beside_homebrew() {
    let go = json!({ "kind": "go", "module": "example.org/m@latest" });
    let place = Place::new(&[("go", "echo ${GOBIN-nowhere}")]);
    place.says(&go, "go install example.org/m@latest\nnowhere");
    place.program("brew", "echo /opt/somewhere");
    place.says(&go, "go install example.org/m@latest\n/opt/somewhere/bin");
    place.program("brew", "echo no");
    place.says(&go, "go install example.org/m@latest\nnowhere");
}

#[test]
fn a_missing_manager_is_named_or_installed() {
    let uv = json!({ "kind": "uv", "package": "u" });
    let place = Place::new(&[]);
    place.refuses(&brew(), "brew not installed");
    place.refuses(&json!({ "kind": "go", "module": "m" }), "go not installed (install via brew)");
    place.refuses(&uv, "uv not installed (install via brew)");
    let message =
        "npm not installed (install it, or set skills.install.nodeManager to npm, pnpm, yarn, or bun)";
    place.refuses(&node(), message);
    place.program("brew", "echo no such thing >&2; exit 4");
    let outcome = place.install(&uv);
    assert_eq!((outcome.message.as_str(), outcome.code), ("Failed to install uv (brew)", Some(4)));
    assert_eq!(outcome.stderr, "no such thing");
    place.program("brew", "printf '#!/bin/sh\\necho \"uv $*\"' >bin/uv; /bin/chmod +x bin/uv");
    place.says(&uv, "uv tool install u");
}

#[test]
fn what_says_nothing_or_too_much_is_not_run() {
    let place = Place::new(&[("brew", ""), ("npm", ""), ("go", ""), ("uv", "")]);
    place.refuses(&json!({ "kind": "brew" }), "missing brew formula");
    place.refuses(&json!({ "kind": "node", "module": "m" }), "missing node package");
    place.refuses(&json!({ "kind": "go", "module": " " }), "missing go module");
    place.refuses(&json!({ "kind": "uv" }), "missing uv package");
    place.refuses(&json!({ "kind": "download" }), "missing download url");
    place.refuses(&json!({ "kind": "node", "package": "-g" }), "node package must not begin with a dash: -g");
}

#[test]
fn a_failure_says_why() {
    let place = Place::new(&[]);
    let long = format!("echo {} >&2; exit 1", "x".repeat(500));
    let cut = format!(": {}…", "x".repeat(200));
    for (script, how) in [
        ("exit 3", "exit 3)"),
        ("echo a >&2; echo ' last   line ' >&2; exit 1", "exit 1): last line"),
        ("echo Error: it broke >&2; echo more >&2; exit 1", "exit 1): Error: it broke"),
        ("echo plain; echo end; exit 2", "exit 2): end"),
        ("echo out; echo err >&2; exit 2", "exit 2): err"),
        ("kill -9 $$", "signal 9)"),
        (long.as_str(), &format!("exit 1){cut}")),
    ] {
        place.program("npm", script);
        assert_eq!(place.install(&node()).message, format!("Install failed ({how}"), "{script}");
    }
}

#[test]
fn the_end_of_a_long_output_is_passed_on() {
    let place =
        Place::new(&[("npm", "i=0; while [ $i -lt 9000 ]; do echo \"line $i\"; i=$((i+1)); done; exit 1")]);
    let outcome = place.install(&node());
    assert!(outcome.stdout.starts_with('…') && outcome.stdout.ends_with("line 8999"));
    assert!(outcome.stdout.len() <= LONGEST + '…'.len_utf8(), "{}", outcome.stdout.len());
    assert_eq!(end_of(&"é".repeat(LONGEST)).chars().next(), Some('…'));
}

#[test]
fn it_ends_in_time() {
    let mut place = Place::new(&[("npm", "echo partly; exec /bin/sleep 100")]);
    place.limit = Duration::from_secs(1);
    let begin = Instant::now();
    let outcome = place.install(&node());
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert_eq!(outcome.message, "Install failed (no end within 1000 ms): partly");
    assert_eq!(outcome.stderr, "npm install -g p@1\npartly");
}

#[test]
fn secrets_of_the_gateway_are_kept_and_it_runs_at_home() {
    let place = Place::new(&[("npm", "echo ${CLAWDBOT_GATEWAY_TOKEN-kept} ${NO_COLOR-coloured}; pwd -P")]);
    let home = place.root.path().canonicalize().unwrap();
    place.says(&node(), &format!("npm install -g p@1\nkept 1\n{}", home.display()));
}

#[test]
fn downloads_are_whole_or_not_there() {
    let fake = "for a; do case $b in --output) echo content >\"$a\";; esac; b=$a; done";
    let place = Place::new(&[("curl", fake), ("tar", "")]);
    let tools = place.root.path().join("tools");
    let outcome = place.install(&json!({ "kind": "download", "url": "https://example.org/a/tool.bin?x" }));
    assert_eq!(outcome.message, format!("Downloaded to {}", tools.join("tool.bin").display()));
    assert_eq!(outcome.stdout, "downloaded=8");
    assert_eq!(fs::read_to_string(tools.join("tool.bin")).unwrap(), "content\n");

    let item = json!({ "kind": "download", "url": "https://example.org/t.tar.gz", "targetDir": "~/deep/er", "stripComponents": 1 });
    let outcome = place.install(&item);
    let target = place.root.path().join("deep/er");
    assert_eq!(outcome.message, format!("Downloaded and extracted to {}", target.display()));
    let said = format!("tar -xf {0}/t.tar.gz -C {0} --strip-components=1", target.display());
    assert_eq!(outcome.stdout, said);
    let kept = json!({ "kind": "download", "url": "https://example.org/t.tar.gz", "extract": false });
    assert_eq!(place.install(&kept).message, format!("Downloaded to {}", tools.join("t.tar.gz").display()));

    place.program("curl", "echo '(22) error: 404' >&2; exit 22");
    let outcome = place.install(&json!({ "kind": "download", "url": "https://example.org/none" }));
    assert_eq!(outcome.message, "Download failed (exit 22): (22) error: 404");
    let mut names: Vec<_> = fs::read_dir(&tools).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["t.tar.gz", "tool.bin"]);

    for (item, expected) in [
        (json!({ "url": "file:///etc/passwd" }), "not an http or https address: file:///etc/passwd"),
        (
            json!({ "url": "https://x.example/a", "extract": true }),
            "no archive that can be unpacked: a (tar.gz, tar.bz2, zip)",
        ),
        (
            json!({ "url": "https://x.example/a.zip", "stripComponents": 1 }),
            "stripComponents is not supported for zip",
        ),
    ] {
        let mut item = item;
        item["kind"] = "download".into();
        place.refuses(&item, expected);
    }
}
