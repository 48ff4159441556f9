use std::path::PathBuf;

use super::*;
use crate::doctor::Fix;
use crate::settings::{AuthMode, BindMode, TailscaleMode, WsLog};

mod examples;

fn parsed(line: &str) -> Result<Invocation, Stop> {
    parse(std::iter::once("clawdbot").chain(line.split_whitespace()).map(OsString::from))
}

#[track_caller]
fn run_args(line: &str) -> (ProfileRequest, RunArgs) {
    let invocation = parsed(line).unwrap_or_else(|stop| panic!("{line}: {stop:?}"));
    match invocation.action {
        Action::Run(args) => (invocation.profile, args),
        other => panic!("{line}: {other:?}"),
    }
}

/// The text on stderr of a command line that is refused with exit code 2.
#[track_caller]
fn refused(line: &str) -> String {
    match parsed(line) {
        Err(Stop::Printed { text, to_stdout: false } | Stop::Expected(ExpectedError::Usage(text))) => text,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn every_place_of_dev() {
    let check = |line: &str, before: bool, after: bool, name: Option<&str>| {
        let (profile, _) = run_args(line);
        let expected = ProfileRequest {
            dev_before_command: before,
            dev_after_command: after,
            name: name.map(|name| ProfileName::parse(name).unwrap()),
            working_dir: None,
        };
        assert_eq!(profile, expected, "{line}");
    };
    check("gateway", false, false, None);
    check("gateway run", false, false, None);
    check("--dev gateway", true, false, None);
    check("--dev gateway run", true, false, None);
    check("gateway --dev", false, true, None);
    check("gateway run --dev", false, true, None);
    check("gateway --dev run", false, true, None);
    check("--dev gateway --port 1", true, false, None);
    check("--profile work gateway", false, false, Some("work"));
    check("--profile=work gateway run", false, false, Some("work"));
    check("gateway --profile work", false, false, Some("work"));
    check("gateway run --profile work", false, false, Some("work"));
    check("--profile dev --dev gateway", true, false, Some("dev"));
    check("--dev --profile dev gateway", true, false, Some("dev"));
    check("--profile dev gateway --dev", false, true, Some("dev"));
}

#[test]
fn every_option_in_every_position() {
    let options = "--port 1234 --bind lan --token t --auth password --password p --allow-unconfigured \
                   --tailscale funnel --tailscale-reset-on-exit --ws-log full \
                   --reset --yes --force --verbose --watch a --watch b --ignore *.tmp --events json --json";
    for line in [
        format!("gateway {options}"),
        format!("gateway run {options}"),
        format!("gateway {options} run"),
        format!("gateway --port 1 --bind auto --auth token --tailscale off run {options}"),
    ] {
        let (_, args) = run_args(&line);
        assert_eq!(args.port, Some(1234), "{line}");
        assert_eq!(args.bind, Some(BindMode::Lan), "{line}");
        assert_eq!(args.auth, Some(AuthMode::Password), "{line}");
        assert_eq!(args.token.unwrap().expose(), "t", "{line}");
        assert_eq!(args.password.unwrap().expose(), "p", "{line}");
        assert_eq!(args.tailscale, Some(TailscaleMode::Funnel), "{line}");
        assert!(args.tailscale_reset_on_exit, "{line}");
        assert!(args.allow_unconfigured && args.reset && args.yes && args.force, "{line}");
        assert!(args.log.verbose, "{line}");
        assert_eq!(args.watch, [PathBuf::from("a"), PathBuf::from("b")], "{line}");
        assert_eq!(args.ignore, ["*.tmp"], "{line}");
        assert!(args.events.is_some() && args.json, "{line}");
        assert_eq!(args.log.ws_log(), Some(WsLog::Full), "{line}");
    }
    let (profile, twice) = run_args("gateway --dev --port 1 --dev --port 2 --watch a --watch b");
    assert!(profile.dev_after_command);
    assert_eq!(twice.port, Some(2));
    assert_eq!(twice.watch, [PathBuf::from("a"), PathBuf::from("b")]);
    let (_, both) = run_args("gateway --watch a --ignore x run --watch b --ignore y");
    assert_eq!(both.watch, [PathBuf::from("a"), PathBuf::from("b")]);
    assert_eq!(both.ignore, ["x", "y"]);
}

#[test]
fn compact_is_an_alias() {
    for (line, expected) in [
        ("gateway", None),
        ("gateway --compact", Some(WsLog::Compact)),
        ("gateway run --compact", Some(WsLog::Compact)),
        ("gateway --compact run", Some(WsLog::Compact)),
        ("gateway --compact run --ws-log full", Some(WsLog::Full)),
        ("gateway --ws-log auto run --compact", Some(WsLog::Compact)),
        ("gateway --ws-log full --compact", Some(WsLog::Compact)),
    ] {
        assert_eq!(run_args(line).1.log.ws_log(), expected, "{line}");
    }
    assert!(refused("gateway --ws-log all").contains("[possible values: auto, full, compact]"));
}

#[test]
fn options_of_agent_runs_are_known_on_either_side() {
    for line in [
        "gateway --raw-stream --raw-stream-path x --claude-cli-logs",
        "gateway run --raw-stream --raw-stream-path x --claude-cli-logs",
        "gateway --raw-stream-path x run --claude-cli-logs --raw-stream",
    ] {
        let log = run_args(line).1.log;
        assert!(log.raw_stream && log.claude_cli_logs, "{line}");
        assert_eq!(log.raw_stream_path.as_deref(), Some(Path::new("x")), "{line}");
    }
}

#[test]
fn global_options_work_on_either_side() {
    for line in ["--log-level debug --no-color gateway", "gateway --log-level debug run --no-color"] {
        assert_eq!(parsed(line).unwrap().log_level, Some(LogLevel::Debug), "{line}");
    }
}

#[test]
fn client_commands_take_their_options_from_either_side() {
    for line in [
        "gateway health --url ws://h --token t --password p --timeout 5 --json --dev",
        "gateway --token t --password p --dev health --url ws://h --timeout 5 --json",
        "gateway --token t --password p --dev --json health --url ws://h --timeout 5",
    ] {
        let invocation = parsed(line).unwrap();
        assert!(invocation.profile.dev_after_command && invocation.json(), "{line}");
        let Action::Health(client) = invocation.action else { panic!("{line}") };
        assert_eq!(client.url.as_deref(), Some("ws://h"));
        assert_eq!(client.token.unwrap().expose(), "t");
        assert_eq!(client.password.unwrap().expose(), "p");
        assert_eq!(client.timeout_ms, 5);
    }
    let Action::Call(call) = parsed("gateway call status").unwrap().action else { panic!() };
    assert_eq!(
        (call.method.as_str(), &call.params, call.client.timeout_ms),
        ("status", &serde_json::json!({}), 10_000)
    );
    let Action::Call(call) = parsed(r#"gateway call x --params {"a":[1]}"#).unwrap().action else { panic!() };
    assert_eq!(call.params, serde_json::json!({ "a": [1] }));
}

#[test]
fn the_version_stands_alone_wherever_it_is_asked_for() {
    for line in ["--version", "-V", "-v", "gateway --version", "gateway run -V", "gateway call -v"] {
        match parsed(line) {
            Err(Stop::Printed { text, to_stdout: true }) => {
                assert_eq!(text, env!("CARGO_PKG_VERSION"), "{line}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn help_goes_to_stdout_and_a_missing_command_to_stderr() {
    assert!(matches!(parsed("--help"), Err(Stop::Printed { to_stdout: true, .. })));
    assert!(matches!(parsed("gateway run --help"), Err(Stop::Printed { to_stdout: true, .. })));
    assert!(refused("").contains("Usage: clawdbot"));
}

#[test]
fn usage_errors_name_the_legal_values() {
    for (line, legal) in [
        ("gateway --bind wan", "[possible values: loopback, lan, tailnet, auto, custom]"),
        ("gateway run --bind wan", "[possible values: loopback, lan, tailnet, auto, custom]"),
        ("gateway --tailscale on", "[possible values: off, serve, funnel]"),
        ("gateway --auth none", "[possible values: token, password]"),
        ("gateway --events yaml", "[possible values: json]"),
        ("--log-level loud gateway", "[possible values: silent, fatal, error, warn, info, debug, trace]"),
        (
            "gateway --port 65536",
            "invalid value '65536' for '--port <PORT>': not a port; use a number from 1 to 65535",
        ),
        ("gateway --port -1", "use a number from 1 to 65535, or 0 for a free one"),
        ("gateway --port abc", "use a number from 1 to 65535"),
        ("gateway run --port 1.5", "use a number from 1 to 65535"),
        ("gateway --port", "a value is required for '--port <PORT>'"),
        ("gateway --forse", "a similar argument exists: '--force'"),
        ("gateway nope", "nope"),
        ("gateway call", "<METHOD>"),
        ("gateway call x --params {", "not JSON"),
        ("gateway health --timeout soon", "--timeout <MS>"),
    ] {
        let text = refused(line);
        assert!(text.contains(legal), "{line}: {text}");
    }
}

#[test]
fn profile_errors_have_the_published_texts() {
    let invalid = "[clawdbot] Invalid --profile (use letters, numbers, \"_\", \"-\" only)";
    let missing = "[clawdbot] --profile requires a value";
    assert_eq!(refused("--profile= gateway"), missing);
    assert_eq!(refused("gateway --profile"), missing);
    assert_eq!(refused("--profile a/b gateway"), invalid);
    assert_eq!(refused("--profile -x gateway"), invalid);
}

#[test]
fn an_option_of_the_run_is_not_swallowed_by_a_client_command() {
    assert_eq!(
        refused("gateway --port 1 health"),
        "--port is an option of the run and means nothing to `gateway health`."
    );
    assert_eq!(
        refused("gateway --tailscale-reset-on-exit health"),
        "--tailscale-reset-on-exit is an option of the run and means nothing to `gateway health`."
    );
    assert_eq!(
        refused("gateway --reset call status"),
        "--reset is an option of the run and means nothing to `gateway call`."
    );
}

#[test]
fn options_of_dev_mode_need_dev_mode() {
    let check = |line: &str, dev_mode: bool, expected: Option<&str>| {
        let found = check_dev_options(&run_args(line).1, dev_mode).err();
        assert_eq!(found, expected.map(|text| ExpectedError::Usage(text.to_owned())), "{line}");
    };
    check("gateway --reset", false, Some("Use --reset with --dev."));
    check("gateway run --reset --yes", false, Some("Use --reset with --dev."));
    check("gateway --watch src", false, Some("Use --watch with --dev."));
    check("gateway --events json", false, Some("Use --events with --dev."));
    check("gateway --dev --yes", true, Some("Use --yes with --reset."));
    check("gateway --dev --reset --yes --watch src", true, None);
    check("gateway --port 1", false, None);
}

#[test]
fn every_command_that_the_doctor_names_exists() {
    let mut seen = 0;
    for finding in crate::doctor::broken::findings() {
        let Some(Fix::Command(line)) = finding.fix else { continue };
        if let Some(own) = line.strip_prefix("clawdbot ") {
            // What a shell would put there is one word.
            let own = own.replace("\"$(openssl rand -hex 24)\"", "secret");
            assert!(parsed(&own).is_ok(), "{line}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_doctor_takes_the_published_words() {
    for line in
        ["doctor", "doctor --fix --yes --non-interactive --json", "--dev doctor --repair", "doctor --dev"]
    {
        assert!(matches!(parsed(line).unwrap().action, Action::Doctor(_)), "{line}");
    }
    let Action::Doctor(args) = parsed("doctor --repair").unwrap().action else { panic!("no doctor") };
    assert!(args.fix && args.timeout_ms == 2_000);
}
