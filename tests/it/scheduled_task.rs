//! The role in which a Scheduled Task starts the program. There is no console to leave here; the rest is the same
//! everywhere.

use crate::support::home::Home;
use crate::support::program::Run;

#[test]
fn variables_and_log_files_come_from_the_arguments() {
    let home = Home::new();
    home.write(".clawdbot-work/clawdbot.json", "{ gateway: { port: 4711 } }");
    let out = home.path().join("logs/out.log");
    let err = home.path().join("logs/err.log");
    let (out, err) = (out.to_str().unwrap(), err.to_str().unwrap());
    let task = ["__task", "--stdout", out, "--stderr", err, "CLAWDBOT_PROFILE=work", "--"];
    let run = |arguments: &[&str], code: i32| {
        let finished = Run::new(&home, &[&task, arguments].concat()).finish().expect_code(code);
        assert_eq!((finished.stdout, finished.stderr), (String::new(), String::new()));
    };
    run(&["config", "get", "gateway.port"], 0);
    run(&["config", "get", "gateway.port"], 0);
    assert_eq!(home.read("logs/out.log"), "4711\n4711\n");
    // The exit code is the task's, and what goes wrong is kept.
    run(&["gateway"], 78);
    assert!(home.read("logs/err.log").starts_with("Gateway start blocked"), "{}", home.read("logs/err.log"));
}

#[test]
fn nobody_else_uses_it() {
    let home = Home::new();
    Run::new(&home, &["__task"]).finish().expect_code(2).expect_stderr("__task is for Scheduled Tasks");
    Run::new(&home, &["__task", "gateway"]).finish().expect_code(2);
}
