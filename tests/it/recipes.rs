//! The recipes for other projects' tests run as they stand, wherever their tool is installed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::home::Home;
use crate::support::program::{BINARY, Finished, Run, inherited, installed};

fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

fn dev_run(home: &Home, command: &[&str]) -> Finished {
    Run::new(home, &[&["dev", "run", "--timeout", "60", "--"], command].concat())
        .env("CLAWDBOT", BINARY)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .finish()
}

#[test]
fn shell() {
    dev_run(&Home::new(), &["sh", &repository("dev/recipes/health.sh")]).expect_code(0);
}

#[test]
fn pytest() {
    let Some(pytest) = installed("CLAWDBOT_PYTEST", &["pytest"]) else { return };
    let finished = dev_run(
        &Home::new(),
        &[
            &pytest.display().to_string(),
            "-q",
            "-p",
            "no:cacheprovider",
            &repository("dev/recipes/test_gateway.py"),
        ],
    );
    assert!(finished.expect_code(0).stdout.contains("3 passed"));
}

#[test]
fn vitest() {
    let Some(vitest) = installed("CLAWDBOT_VITEST", &["vitest"]) else { return };
    let home = Home::new();
    fs::copy(repository("dev/recipes/gateway.test.mjs"), home.path().join("gateway.test.mjs")).unwrap();
    assert!(
        dev_run(&home, &[&vitest.display().to_string(), "run"]).expect_code(0).stdout.contains("3 passed")
    );
}

#[test]
fn nextest_partitions() {
    let Some(nextest) = installed("CLAWDBOT_NEXTEST", &["cargo-nextest"]) else { return };
    let home = Home::new();
    let manifest = repository("dev/recipes/nextest/Cargo.toml");
    // The toolchain that builds this test: the home of the test has none.
    let toolchain = Path::new(env!("CARGO")).parent().unwrap().display().to_string();
    let path = format!("{toolchain}:{}", inherited("PATH").unwrap_or_default());
    let run = |part: &str| {
        let nextest = nextest.display().to_string();
        let command: [&str; 8] =
            [&nextest, "nextest", "run", "--locked", "--manifest-path", &manifest, "--partition", part];
        let finished = Run::new(&home, &[&["dev", "run", "--"], &command[..]].concat())
            .env("CLAWDBOT", BINARY)
            .env("CARGO_TARGET_DIR", home.path().join("target"))
            .env("PATH", &path)
            .patience(Duration::from_mins(2))
            .finish()
            .expect_code(0);
        finished.stderr.matches("PASS [").count()
    };
    let parts = [run("hash:1/2"), run("hash:2/2")];
    assert!(parts.iter().sum::<usize>() == 4 && !parts.contains(&0), "{parts:?}");
}

#[test]
fn our_own_tests() {
    let program = clawdbot::platform::exe::current().unwrap().display().to_string();
    let finished = Run::new(&Home::new(), &["dev", "run", "--", &program, "foreground::"])
        .patience(Duration::from_mins(2))
        .finish()
        .expect_code(0);
    assert!(finished.stdout.contains("test result: ok. "), "{finished:?}");
    assert!(!finished.stdout.contains(" 0 passed"), "{finished:?}");
}

#[test]
fn the_action_passes_everything_on() {
    let home = Home::new();
    fs::create_dir(home.path().join("bin")).unwrap();
    std::os::unix::fs::symlink(BINARY, home.path().join("bin/clawdbot")).unwrap();
    let path = format!("{}:{}", home.path().join("bin").display(), inherited("PATH").unwrap_or_default());
    let run = |command: &str| {
        Run::of(Path::new(&repository(".github/actions/dev-run/run")), &home, &[])
            .env("PATH", &path)
            .env("DEV_RUN_COMMAND", command)
            .env("DEV_RUN_FIXTURE", repository("fixtures/profiles/named-profile"))
            .env("DEV_RUN_TIMEOUT", "60")
            .env("DEV_RUN_ARTIFACTS", "kept")
            .finish()
    };
    run("clawdbot gateway health && test $CLAWDBOT_PROFILE = work").expect_code(0);
    run("exit 7").expect_code(7).expect_stderr("✓ profile saved to ");
}
