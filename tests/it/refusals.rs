//! Every refusal of a start, word for word, with its exit code; on the terminal and for scripts.

use std::fs;

use crate::support::home::Home;
use crate::support::program::Run;

const REFUSED: i32 = 78;
const USAGE: i32 = 2;

const BLOCKED: &str =
    "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.\n";

/// A start that is refused.
struct Case {
    /// Section `gateway` of the configuration; no configuration when empty.
    gateway: &'static str,
    arguments: &'static [&'static str],
    code: i32,
    stderr: &'static str,
}

const fn case(
    gateway: &'static str,
    arguments: &'static [&'static str],
    code: i32,
    stderr: &'static str,
) -> Case {
    Case { gateway, arguments, code, stderr }
}

/// In the order in which the program looks.
const CASES: &[Case] = &[
    case("", &["--reset"], USAGE, "Use --reset with --dev.\n"),
    case("", &["--watch", "."], USAGE, "Use --watch with --dev.\n"),
    case("", &["--events", "json"], USAGE, "Use --events with --dev.\n"),
    case("", &["--dev", "--yes"], USAGE, "Use --yes with --reset.\n"),
    case("", &["--allow-unconfigured", "--token", ""], USAGE, "--token must not be empty.\n"),
    case("", &["--allow-unconfigured", "--token", " "], USAGE, "--token must not be empty.\n"),
    case(
        "",
        &["--allow-unconfigured", "--token", "two words"],
        USAGE,
        "--token must not contain spaces, line breaks, or control characters.\n",
    ),
    case(
        "",
        &["--allow-unconfigured", "--token", "two\nlines"],
        USAGE,
        "--token must not contain spaces, line breaks, or control characters.\n",
    ),
    case("", &["--allow-unconfigured", "--password", ""], USAGE, "--password must not be empty.\n"),
    case(
        "",
        &["--allow-unconfigured", "--password", "two\nlines"],
        USAGE,
        "--password must not contain line breaks or control characters.\n",
    ),
    case("port: 1", &[], REFUSED, BLOCKED),
    case(
        "mode: 'remote'",
        &[],
        REFUSED,
        "Gateway start blocked: set gateway.mode=local (current: remote) or pass --allow-unconfigured.\n",
    ),
    // The mode comes before the rest, also when everything is wrong.
    case("bind: 'lan', auth: { mode: 'token' }", &[], REFUSED, BLOCKED),
    case(
        "mode: 'local', auth: { mode: 'token' }",
        &[],
        REFUSED,
        "Gateway auth is set to token, but no token is configured.\n\
         Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token.\n",
    ),
    case(
        "mode: 'local', auth: { mode: 'password' }",
        &[],
        REFUSED,
        "Gateway auth is set to password, but no password is configured.\n\
         Set gateway.auth.password (or CLAWDBOT_GATEWAY_PASSWORD), or pass --password.\n",
    ),
    case(
        "mode: 'local', auth: { mode: 'token' }, remote: { token: 't' }",
        &[],
        REFUSED,
        "Gateway auth is set to token, but no token is configured.\n\
         Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token.\n\
         \"gateway.remote.token\" is for remote CLI calls; it does not enable local gateway auth.\n",
    ),
    case(
        "mode: 'local', bind: 'lan'",
        &[],
        REFUSED,
        "Refusing to bind gateway to lan without auth.\n\
         Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) or pass \
         --token/--password.\n",
    ),
    case(
        "mode: 'local'",
        &["--bind", "tailnet"],
        REFUSED,
        "Refusing to bind gateway to tailnet without auth.\n\
         Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) or pass \
         --token/--password.\n",
    ),
    case(
        "mode: 'local'",
        &["--bind", "custom"],
        REFUSED,
        "Refusing to bind gateway to custom without auth.\n\
         Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) or pass \
         --token/--password.\n",
    ),
    case(
        "mode: 'local'",
        &["--bind", "custom", "--token", "t"],
        REFUSED,
        "Bind mode custom needs an address. Set gateway.customBindHost to an IP address.\n",
    ),
];

#[test]
fn every_refusal_has_its_text_and_its_exit_code() {
    for Case { gateway, arguments, code, stderr } in CASES {
        let home = Home::new();
        if !gateway.is_empty() {
            home.write(".clawdbot/clawdbot.json", &format!("{{ gateway: {{ {gateway} }} }}"));
        }
        for command in [&["gateway"][..], &["gateway", "run"]] {
            let line = [command, arguments].concat();
            let finished = Run::new(&home, &line).finish();
            assert_eq!(
                (finished.code(), finished.stderr.as_str()),
                (Some(*code), *stderr),
                "{gateway} {line:?}"
            );
            assert_eq!(finished.stdout, "", "{line:?}");
        }
        // For scripts: the same on stdout, and nothing else.
        let finished =
            Run::new(&home, &[&["gateway", "--json"], *arguments].concat()).finish().expect_code(*code);
        let said: serde_json::Value = serde_json::from_str(&finished.stdout).expect("one JSON value");
        assert_eq!(said["ok"], false);
        assert_eq!(said["error"]["message"], stderr.trim_end());
        assert_eq!(said["error"]["exitCode"], *code);
        assert_eq!(finished.stderr, "");
        // Nothing was made on the way.
        let made: Vec<_> =
            fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let expected: &[&str] = if gateway.is_empty() { &[] } else { &[".clawdbot"] };
        assert_eq!(made, expected, "{gateway} {arguments:?}");
    }
}

#[test]
fn wrong_usage_names_what_is_legal() {
    let home = Home::new();
    let port = "not a port; use a number from 1 to 65535, or 0 for a free one";
    for (arguments, legal) in [
        (&["--port", "abc"][..], port),
        (&["--port", "65536"], port),
        (&["--port", "-1"], port),
        (&["--port", ""], port),
        (&["--bind", "wan"], "[possible values: loopback, lan, tailnet, auto, custom]"),
        (&["--auth", "none"], "[possible values: token, password]"),
        (&["--log-level", "loud"], "[possible values: silent, fatal, error, warn, info, debug, trace]"),
        (&["--events", "xml"], "[possible values: json]"),
        (&["--forse"], "a similar argument exists: '--force'"),
        (&["helth"], "a similar subcommand exists: 'health'"),
    ] {
        for command in [&["gateway"][..], &["gateway", "run"]] {
            if arguments[0] == "helth" && command.len() > 1 {
                continue;
            }
            let finished = Run::new(&home, &[command, arguments].concat()).finish().expect_code(USAGE);
            assert_eq!(finished.stdout, "", "{arguments:?}");
            finished.expect_stderr(legal);
        }
    }
    Run::new(&home, &["gatway"])
        .finish()
        .expect_code(USAGE)
        .expect_stderr("a similar subcommand exists: 'gateway'");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}
