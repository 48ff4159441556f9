//! `clawdbot config`: what a person or a script does to the configuration from the command line.

use std::fs;
use std::thread;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::{BINARY, Finished, Run, not_run};
use crate::support::wait;
use crate::support::wire::agent_name;

const CONFIG: &str = ".clawdbot/clawdbot.json";

const TEXT: &str = "// Mine.\n{\n  gateway: {\n    mode: 'local', // here\n    port: 18789,\n    auth: { token: 'tok-abcdef' },\n  },\n  agents: {\n    list: [{ id: 'main' }], /* one */\n  },\n}\n";

fn home(text: &str) -> Home {
    let home = Home::new();
    home.write(CONFIG, text);
    home
}

fn run(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, arguments).finish()
}

/// Runs to success; what it printed.
#[track_caller]
fn done(home: &Home, arguments: &[&str]) -> String {
    let finished = run(home, arguments).expect_code(0);
    assert_eq!(finished.stderr, "", "{arguments:?}");
    finished.stdout
}

#[test]
fn a_value_is_changed_and_nothing_else_in_the_file() {
    let home = home(TEXT);
    let said = done(&home, &["config", "set", "gateway.port", "19000"]);
    assert_eq!(said, "Updated gateway.port. No gateway is running; it counts from the next start.\n");
    assert_eq!(home.read(CONFIG), TEXT.replace("18789", "19000"));
    assert_eq!(home.read(".clawdbot/clawdbot.json.bak"), TEXT);
    done(&home, &["config", "set", "agents.list[0].name", "7"]);
    assert_eq!(
        home.read(CONFIG),
        TEXT.replace("18789", "19000").replace("id: 'main'", "id: 'main', name: '7'")
    );
    done(&home, &["config", "unset", "agents.list[0].name", "gateway.port"]);
    assert_eq!(home.read(CONFIG), TEXT.replace("    port: 18789,\n", ""));
}

#[test]
fn a_value_that_stands_already_is_not_written_again() {
    let home = home(TEXT);
    let said = done(&home, &["config", "set", "gateway.port", "18789"]);
    assert_eq!(said, "Nothing to do: gateway.port has this value already.\n");
    assert_eq!(home.read(CONFIG), TEXT);
    assert_eq!(fs::read_dir(home.path().join(".clawdbot")).unwrap().count(), 1, "no backup, no lock");
}

#[test]
fn values_are_printed_raw_objects_as_json_and_secrets_not_at_all() {
    let home = home(TEXT);
    for (arguments, expected) in [
        (&["config", "get", "gateway.port"][..], "18789\n"),
        (&["config", "get", "gateway.mode"], "local\n"),
        (&["config", "get", "gateway.mode", "--json"], "\"local\"\n"),
        (&["config", "get", "agents"], "{\n  \"list\": [\n    {\n      \"id\": \"main\"\n    }\n  ]\n}\n"),
        (&["config", "get", "gateway.auth.token"], "__redacted__\n"),
        (&["config", "get", "gateway.auth"], "{\n  \"token\": \"__redacted__\"\n}\n"),
        (&["config", "get", "gateway.auth.token", "--reveal"], "tok-abcdef\n"),
        (&["config", "path"], &format!("{}\n", home.path().join(CONFIG).display())),
    ] {
        assert_eq!(done(&home, arguments), expected, "{arguments:?}");
    }
    assert!(!done(&home, &["config", "get"]).contains("tok-abcdef"));
    let missing = run(&home, &["config", "get", "nope.x"]).expect_code(1);
    assert_eq!(missing.stderr, "Config path not found: nope.x\n");
    let unset = run(&home, &["config", "get", "gateway.bind"]).expect_code(1);
    assert!(unset.stderr.starts_with("Config path not found: gateway.bind\n"), "{}", unset.stderr);
    assert_eq!(run(&home, &["config", "get", "a[x]"]).code(), Some(2));
}

#[test]
fn what_would_not_be_valid_is_not_written() {
    let home = home(TEXT);
    for (arguments, stderr) in [
        (
            &["config", "set", "gateway.bind", "lna"][..],
            "Error: Config validation failed: gateway.bind: Invalid input\nhelp: did you mean \"lan\"?\nNothing was written.\n",
        ),
        (
            &["config", "set", "gateway", "{ prot: 1, port: -1 }"],
            "Error: Config validation failed: gateway.port: Too small: expected number to be >0\nhelp: a port is a number from \
             1 to 65535\ngateway: Unrecognized key: \"prot\"\nhelp: did you mean \"port\"?\nNothing was written.\n",
        ),
        (
            &["config", "set", "gateway.mode.x", "1"],
            "Error: Cannot set gateway.mode.x: gateway.mode is a text, not an object.\n",
        ),
        (&["config", "unset", "gateway.bind"], "Config path not found: gateway.bind\n"),
        (
            &["config", "set", "gateway.auth.token", "${NOPE}"],
            "Error: Config validation failed: gateway.auth.token: Missing env var \"NOPE\" referenced at config path: \
             gateway.auth.token\nhelp: set NOPE in the environment or in the profile's .env, or write $${NOPE} for the text \
             itself\nNothing was written.\n",
        ),
    ] {
        assert_eq!(run(&home, arguments).expect_code(1).stderr, stderr, "{arguments:?}");
    }
    let strict = run(&home, &["config", "set", "gateway.bind", "lan", "--json"]).expect_code(1);
    let answer: Value = serde_json::from_str(&strict.stdout).unwrap();
    let message = "Error: Failed to parse JSON5 value: SyntaxError: JSON5: invalid character 'l' at 1:1";
    assert_eq!(answer["error"]["message"], message);
    assert_eq!(home.read(CONFIG), TEXT);
    assert!(!home.path().join(".clawdbot/clawdbot.json.bak").exists());
}

#[test]
fn every_way_to_name_a_profile_names_its_file() {
    let home = Home::new();
    for (arguments, file) in [
        (&["--dev", "config", "set", "gateway.mode", "local"][..], ".clawdbot-dev"),
        (&["config", "set", "gateway.port", "1", "--dev"], ".clawdbot-dev"),
        (&["--profile", "x", "config", "set", "gateway.mode", "local"], ".clawdbot-x"),
        (&["config", "set", "gateway.mode", "local"], ".clawdbot"),
    ] {
        done(&home, arguments);
        let text = home.read(&format!("{file}/clawdbot.json"));
        assert!(text.starts_with("{\n  \"gateway\": {\n    \"mode\": \"local\""), "{arguments:?}: {text}");
    }
    assert_eq!(done(&home, &["--dev", "config", "get", "gateway.port"]), "1\n");
}

#[test]
fn dev_mode_does_not_write_through_a_link_into_the_default_profile() {
    #[cfg(unix)]
    {
        let home = home(TEXT);
        fs::create_dir(home.state()).unwrap();
        std::os::unix::fs::symlink(home.path().join(CONFIG), home.config()).unwrap();
        let refused = run(&home, &["--dev", "config", "set", "gateway.port", "1"]).expect_code(78);
        assert!(refused.stderr.contains("default profile"), "{}", refused.stderr);
        assert_eq!(home.read(CONFIG), TEXT);
    }
}

#[test]
fn fifty_writers_at_once_lose_nothing() {
    let home = home("{\n  // Kept.\n  env: { vars: {} },\n}\n");
    thread::scope(|scope| {
        for number in 0..50 {
            let home = &home;
            scope.spawn(move || {
                let key = format!("env.vars.N{number}");
                Run::new(home, &["config", "set", &key, "x"])
                    .patience(wait::PATIENCE * 3)
                    .finish()
                    .expect_code(0);
            });
        }
    });
    let text = home.read(CONFIG);
    for number in 0..50 {
        assert!(text.contains(&format!("N{number}: \"x\"")), "N{number} is missing:\n{text}");
    }
    assert!(text.contains("// Kept."));
    let mut names: Vec<_> = fs::read_dir(home.path().join(".clawdbot"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["clawdbot.json", "clawdbot.json.bak"]);
}

#[test]
fn validate_tells_everything_at_once_and_exits_like_a_start() {
    let fine = home(TEXT);
    assert_eq!(done(&fine, &["config", "validate"]), "✓ ~/.clawdbot/clawdbot.json is valid\n");
    let broken = home("{\n  gateway: {\n    prot: 1,\n    bind: 7,\n  },\n}\n");
    let told = run(&broken, &["config", "validate"]).expect_code(78);
    for part in ["~/.clawdbot/clawdbot.json:3:5", "~/.clawdbot/clawdbot.json:4:11", "did you mean \"port\"?"]
    {
        assert!(told.stderr.contains(part), "{part}: {}", told.stderr);
    }
    let start = run(&broken, &["gateway"]).expect_code(78);
    assert_eq!(told.stderr, start.stderr, "the words of a start");
    let json = run(&broken, &["config", "validate", "--json"]).expect_code(78);
    let answer: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["issues"][1]["path"], "gateway.bind");
    assert_eq!(answer["issues"][1]["line"], 4);
    let missing = run(&Home::new(), &["config", "validate"]).expect_code(78);
    assert!(missing.stderr.starts_with("No config at ~/.clawdbot/clawdbot.json."), "{}", missing.stderr);
    // Reading and changing say the same about a file that cannot be used.
    assert_eq!(run(&broken, &["config", "get", "gateway"]).expect_code(78).stderr, told.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_not_overwritten() {
    let home = home("{ gateway: {\n");
    let refused = run(&home, &["config", "set", "gateway.port", "1"]).expect_code(78);
    assert!(refused.stderr.contains("Nothing was written"), "{}", refused.stderr);
    assert_eq!(home.read(CONFIG), "{ gateway: {\n");
    let directory = Home::new();
    fs::create_dir_all(directory.path().join(CONFIG)).unwrap();
    let refused = run(&directory, &["config", "set", "gateway.port", "1"]).expect_code(78);
    assert!(refused.stderr.contains("it is a directory"), "{}", refused.stderr);
    let file = Home::new();
    file.write(".clawdbot", "I am a file.\n");
    let refused = run(&file, &["config", "set", "gateway.port", "1"]);
    assert_ne!(refused.code(), Some(0));
    assert!(refused.stderr.contains(".clawdbot"), "{}", refused.stderr);
    assert_eq!(file.read(".clawdbot"), "I am a file.\n");
}

#[test]
fn an_empty_file_is_a_fresh_start() {
    for text in ["", "\n", "// only this\n"] {
        let home = home(text);
        done(&home, &["config", "set", "gateway.mode", "local"]);
        let expected =
            format!("{}{{\n  \"gateway\": {{\n    \"mode\": \"local\"\n  }}\n}}\n", text.trim_start());
        assert_eq!(home.read(CONFIG), expected);
    }
}

#[test]
fn an_included_value_is_refused_with_its_place() {
    let home = home("{ gateway: { $include: './base.json5', mode: 'local' } }");
    home.write(".clawdbot/base.json5", "{\n  port: 1,\n}\n");
    let refused = run(&home, &["config", "set", "gateway.port", "2"]).expect_code(1);
    assert!(refused.stderr.contains("~/.clawdbot/base.json5:2:9"), "{}", refused.stderr);
    assert_eq!(done(&home, &["config", "get", "gateway.port"]), "1\n");
    done(&home, &["config", "set", "gateway.bind", "loopback"]);
    assert_eq!(
        home.read(CONFIG),
        "{ gateway: { $include: './base.json5', mode: 'local', bind: 'loopback' } }"
    );
}

#[test]
fn a_running_gateway_does_what_is_said_of_it() {
    let agents = "agents: { list: [{ id: 'dev', identity: { name: 'Before' } }] }";
    let home =
        home(&format!("{{ gateway: {{ mode: 'local', port: 1, reload: {{ debounceMs: 0 }} }}, {agents} }}"));
    // A port of the command line stays whatever the configuration says.
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let pid = gateway.pid();
    let name = |expected: &str| {
        wait::until(expected, wait::PATIENCE, || {
            (agent_name(gateway.address()).as_deref() == Ok(expected)).then_some(())
        });
    };
    name("Before");
    let said = done(&home, &["config", "set", "agents.list[0].identity.name", "After"]);
    assert_eq!(said, "Updated agents.list[0].identity.name. The running gateway takes it over by itself.\n");
    name("After");
    let said = done(&home, &["config", "set", "gateway.port", "2"]);
    assert_eq!(said, "Updated gateway.port. The running gateway reloads by itself.\n");
    let said = done(&home, &["config", "set", "gateway.reload.mode", "off"]);
    assert_eq!(said, "Updated gateway.reload.mode. The running gateway takes it over by itself.\n");
    let said = done(&home, &["config", "set", "agents.list[0].identity.name", "Later"]);
    assert_eq!(said, "Updated agents.list[0].identity.name. Restart the gateway to apply.\n");
    name("After");
    assert_eq!(gateway.pid(), pid);
}

#[test]
fn a_development_gateway_takes_a_change_over_by_itself() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let mark = harness.mark();
    let said = done(&home, &["--dev", "config", "set", "agents.list[0].identity.name", "Changed"]);
    assert_eq!(said, "Updated agents.list[0].identity.name. The running gateway reloads by itself.\n");
    harness.reloaded(mark);
    harness.assert_no_reload("a stamp in the configuration", || {
        let answer = done(&home, &["--dev", "config", "set", "meta.lastTouchedVersion", "'1'", "--json"]);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((&answer["changed"], &answer["applies"]), (&json!(true), &json!("always")));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_or_read_only_disk_leaves_the_file_as_it_was() {
    let home = Home::new();
    fs::create_dir(home.path().join(".clawdbot")).unwrap();
    let script = "mount -t tmpfs -o size=64k tmpfs .clawdbot && printf %s \"$2\" > .clawdbot/clawdbot.json && eval \"$3\" \
                  && \"$1\" config set gateway.port 5; echo \"exit $?\"; cat .clawdbot/clawdbot.json; ls -A .clawdbot";
    let inside = |prepare: &str| {
        let arguments = ["-Urm", "sh", "-c", script, "sh", BINARY, TEXT, prepare];
        Run::of("unshare".as_ref(), &home, &arguments).finish()
    };
    let possible = inside("true");
    if !possible.stdout.starts_with("Updated") {
        not_run(&format!("this machine allows no mounts in namespaces: {}", possible.stderr));
        return;
    }
    let full = inside("dd if=/dev/zero of=.clawdbot/filler bs=1k 2>/dev/null; true");
    assert!(full.stdout.starts_with(&format!("exit 1\n{TEXT}clawdbot.json\nfiller\n")), "{}", full.stdout);
    assert!(
        full.stderr.contains("no space left") || full.stderr.contains("No space left"),
        "{}",
        full.stderr
    );
    let read_only = inside("mount -o remount,ro .clawdbot");
    assert!(read_only.stdout.starts_with(&format!("exit 1\n{TEXT}clawdbot.json\n")), "{}", read_only.stdout);
    assert!(read_only.stderr.contains("Read-only file system"), "{}", read_only.stderr);
}
