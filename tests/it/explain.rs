//! `config explain` and `gateway --explain`: every setting, its value, and where it comes from.

use serde_json::{Value, json};

use crate::support::home::Home;
use crate::support::program::Run;

const TEXT: &str =
    "{\n  gateway: {\n    mode: 'local', port: 18800,\n    auth: { token: '${TOKEN}' },\n  },\n}\n";

fn home() -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", TEXT);
    home.write(".clawdbot/.env", "TOKEN=tok-abcdef\nCLAWDBOT_GATEWAY_PASSWORD=from-the-file\n");
    home
}

/// The value and source of a setting as the table has them.
#[track_caller]
fn row(table: &str, name: &str) -> (String, String) {
    let line = table.lines().find(|line| line.split("  ").next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in\n{table}"));
    let mut cells =
        line.split("  ").filter(|cell| !cell.is_empty()).skip(1).map(|cell| cell.trim().to_owned());
    (cells.next().unwrap(), cells.next().unwrap())
}

#[test]
fn every_source_is_named_and_no_secret_is_shown() {
    let home = home();
    let explained = Run::new(&home, &["gateway", "--bind", "lan", "--explain"]).finish().expect_code(0);
    let table = explained.stdout;
    for (name, value, source) in [
        ("gateway.port", "18800", "config gateway.port at ~/.clawdbot/clawdbot.json:3:26"),
        ("gateway.bind", "lan", "flag --bind"),
        ("gateway.auth.mode", "password", "a password is set"),
        (
            "gateway.auth.token",
            "••••••••",
            "config gateway.auth.token at ~/.clawdbot/clawdbot.json:4:20 (${TOKEN})",
        ),
        ("gateway.auth.password", "••••••••", "CLAWDBOT_GATEWAY_PASSWORD in ~/.clawdbot/.env"),
        ("gateway.reload.mode", "hybrid", "default"),
        ("gateway.reload.debounceMs", "300", "default"),
        ("gateway.tailscale.mode", "off", "default"),
        ("agents.defaults.workspace", "~/clawd", "default"),
        ("agents.defaults.model", "anthropic/claude-opus-4-5", "default"),
        ("state directory", "~/.clawdbot", "default"),
        ("configuration", "~/.clawdbot/clawdbot.json", "default"),
        ("logging.file", "~/.clawdbot/logs/gateway.log", "default"),
        ("logging.level", "info", "default"),
    ] {
        assert_eq!(row(&table, name), (value.to_owned(), source.to_owned()), "{table}");
    }
    for secret in ["tok-abcdef", "from-the-file"] {
        assert!(!table.contains(secret), "{table}");
    }
    let revealed = Run::new(&home, &["config", "explain", "--reveal"]).finish().expect_code(0).stdout;
    assert_eq!(row(&revealed, "gateway.auth.token").0, "tok-abcdef");
}

#[test]
fn a_flag_beats_the_environment_beats_the_configuration() {
    let home = home();
    let run = |arguments: &[&str]| {
        let run = Run::new(&home, arguments).env("CLAWDBOT_GATEWAY_PORT", "18900");
        row(&run.finish().expect_code(0).stdout, "gateway.port")
    };
    let expect = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(run(&["config", "explain"]), expect("18900", "environment CLAWDBOT_GATEWAY_PORT"));
    for arguments in [
        &["gateway", "--port", "1", "--explain"][..],
        &["gateway", "run", "--explain", "--port", "1"],
        &["gateway", "--port", "1", "run", "--explain"],
    ] {
        assert_eq!(run(arguments), expect("1", "flag --port"), "{arguments:?}");
    }
    let dev = Run::new(&home, &["--dev", "config", "explain"]).finish().expect_code(0);
    assert_eq!(
        dev.stderr,
        "\nThere is no ~/.clawdbot-dev/clawdbot.json yet; the first start of dev mode makes one.\n"
    );
    let dev = dev.stdout;
    assert_eq!(row(&dev, "gateway.port"), expect("19001", "default"));
    assert_eq!(row(&dev, "agents.defaults.workspace").0, "~/clawd-dev");
    assert!(!home.state().exists(), "nothing is made");
}

#[test]
fn scripts_get_the_same_as_json() {
    let home = home();
    let explained = Run::new(&home, &["gateway", "--explain", "--json"]).finish().expect_code(0);
    let answer: Value = serde_json::from_str(&explained.stdout).unwrap();
    let find = |name: &str| {
        let settings = answer["settings"].as_array().unwrap();
        settings.iter().find(|setting| setting["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let port = find("gateway.port");
    assert_eq!(
        (&port["value"], &port["source"]["line"], &port["source"]["column"]),
        (&json!(18_800), &json!(3), &json!(26))
    );
    let token = find("gateway.auth.token");
    assert_eq!((&token["value"], &token["secret"]), (&json!("__redacted__"), &json!(true)));
    assert_eq!(token["source"]["reference"], "${TOKEN}");
    assert_eq!(find("gateway.auth.password")["source"]["kind"], "environment");
    assert_eq!(answer["startRefusedBecause"], Value::Null);
    assert_eq!(explained.stderr, "");
}

#[test]
fn a_start_that_would_be_refused_is_told_as_well() {
    let home = Home::new();
    let explained = Run::new(&home, &["config", "explain"]).finish().expect_code(0);
    assert_eq!(row(&explained.stdout, "gateway.port").0, "18789");
    assert!(
        explained.stderr.contains("Gateway start blocked: set gateway.mode=local"),
        "{}",
        explained.stderr
    );
    home.write(".clawdbot/clawdbot.json", "{ gateway: { prot: 1 } }");
    let refused = Run::new(&home, &["gateway", "--explain"]).finish().expect_code(78);
    assert!(refused.stderr.contains("did you mean \"port\"?"), "{}", refused.stderr);
}
