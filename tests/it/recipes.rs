//! The recipes for other projects' tests run as they stand, wherever their tool is installed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::home::Home;
use crate::support::program::{BINARY, Finished, Run, inherited, not_run};

fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

/// The first `name` on the `PATH`.
fn installed(name: &str) -> Option<PathBuf> {
    let path = inherited("PATH")?;
    path.split(':').map(|folder| Path::new(folder).join(name)).find(|program| program.is_file())
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
    if installed("pytest").is_none() {
        return not_run("pytest is not installed");
    }
    let finished = dev_run(
        &Home::new(),
        &["pytest", "-q", "-p", "no:cacheprovider", &repository("dev/recipes/test_gateway.py")],
    );
    assert!(finished.expect_code(0).stdout.contains("3 passed"));
}

#[test]
fn vitest() {
    if installed("vitest").is_none() {
        return not_run("vitest is not installed");
    }
    let home = Home::new();
    fs::copy(repository("dev/recipes/gateway.test.mjs"), home.path().join("gateway.test.mjs")).unwrap();
    assert!(dev_run(&home, &["vitest", "run"]).expect_code(0).stdout.contains("3 passed"));
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
