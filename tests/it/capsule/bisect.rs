//! A regression is found by nobody but `git bisect run`.

use std::path::Path;

use super::opened::{capture, recorded};
use crate::support::home::Home;
use crate::support::program::{BINARY, Run};

/// The commit that breaks it, of 1 to [`COMMITS`].
const BROKEN: usize = 7;
const COMMITS: usize = 12;

fn git(project: &Home, arguments: &[&str]) -> String {
    let run = Run::of(Path::new("git"), project, arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "You")
        .env("GIT_AUTHOR_EMAIL", "you@example.org")
        .env("GIT_COMMITTER_NAME", "You")
        .env("GIT_COMMITTER_EMAIL", "you@example.org");
    run.finish().expect_code(0).stdout.trim().to_owned()
}

/// The program of another project: a gateway that is started by a script. From [`BROKEN`] on it spoils a label; two
/// versions cannot be started at all.
fn serve(version: usize) -> String {
    let spoil = if version >= BROKEN {
        "sed -i 's/Tea kitchen/Tee kitchen/' \"$CLAWDBOT_STATE_DIR/agents/main/sessions/sessions.json\"\n"
    } else {
        ""
    };
    let start = match version {
        5 | 8 => "echo 'cannot be built' >&2; exit 1\n".to_owned(),
        _ => format!("exec {BINARY} gateway --port \"$1\"\n"),
    };
    format!("#!/bin/sh\n# version {version}\nunset CLAWDBOT_PROFILE\n{spoil}{start}")
}

#[test]
fn git_finds_the_commit_that_answers_differently() {
    let home = recorded();
    capture(&home, &["report.capsule.tar.gz"]).expect_code(0);
    let report = home.path().join("report.capsule.tar.gz");
    let project = Home::new();
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    let mut commits = Vec::new();
    for version in 1..=COMMITS {
        project.write("serve", &serve(version));
        git(&project, &["add", "serve"]);
        git(&project, &["commit", "--quiet", "--message", &format!("Version {version}")]);
        commits.push(git(&project, &["rev-parse", "HEAD"]));
    }
    git(&project, &["bisect", "start", "main", &commits[0]]);
    let report = report.to_str().unwrap();
    let replay = ["dev", "replay", report, "--exec", "sh ./serve {port}", "--ready", "hello"];
    let found = git(&project, &[&["bisect", "run", BINARY], &replay[..]].concat());
    let expected = format!("{} is the first bad commit", commits[BROKEN - 1]);
    assert!(found.contains(&expected), "{found}");
}
