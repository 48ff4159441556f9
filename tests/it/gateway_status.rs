//! `gateway status` and `status`: what they say of a gateway however it runs, and that nothing holds them up. With a
//! stand-in for `systemctl`.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::foreground::Started;
use crate::support::harness;
use crate::support::home::Home;
use crate::support::program::{Finished, Run, inherited};
use crate::support::terminal::Terminal;
use crate::support::wait::PATIENCE;

/// Far below what the commands would wait for by themselves, far above what they need.
const SOON: Duration = Duration::from_secs(6);

/// A manager that cannot be reached.
const NO_BUS: &str = "echo 'Failed to connect to bus: No medium found' >&2; exit 1";

/// Puts a `systemctl` and a `loginctl` first in `PATH`: lines of shell scripts.
fn stand_in(home: &Home, systemctl: &str, loginctl: &str) -> String {
    for (name, script) in [("systemctl", systemctl), ("loginctl", loginctl)] {
        let path = home.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", home.path().join("bin").display(), inherited("PATH").unwrap_or_default())
}

fn recorded(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/service/systemd").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Installs the service, whose manager answers with a recorded text.
fn install(home: &Home, show: &str) -> String {
    let unit = recorded("clawdbot-gateway-work.service").replace("--profile work ", "");
    home.write(".config/systemd/user/clawdbot-gateway.service", &unit);
    let show = home.write("show", show);
    stand_in(home, &format!("cat '{}'", show.display()), "echo Linger=yes")
}

fn run(home: &Home, path: &str, arguments: &[&str]) -> Finished {
    Run::new(home, arguments).env("PATH", path).finish()
}

fn object(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", finished.stdout, finished.stderr))
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn gateway(home: &Home) -> Started {
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    Started::new(home, &["gateway", "--port", "0"])
}

#[test]
fn a_gateway_in_the_foreground() {
    let home = Home::new();
    let path = stand_in(&home, NO_BUS, "exit 1");
    let gateway = gateway(&home);
    let (pid, port) = (gateway.pid(), gateway.port());
    let text = run(&home, &path, &["gateway", "status"]).expect_code(0).stdout;
    let service = [
        "Service: systemd (not available)".to_owned(),
        format!("Runtime: running in the foreground (PID {pid})"),
        format!("Port: {port}"),
        "Last gateway error: none".to_owned(),
    ];
    for row in service {
        assert!(text.contains(&format!("│ {row} ")), "{row} is not in\n{text}");
    }
    for row in [
        "RPC probe".to_owned(),
        format!("│ Target: ws://127.0.0.1:{port}"),
        "│ Status: ✓ connected".to_owned(),
        "│ Latency: ".to_owned(),
        "Config: ~/.clawdbot/clawdbot.json".to_owned(),
        "Log file: ~/.clawdbot/logs/gateway.log".to_owned(),
    ] {
        assert!(text.contains(&row), "{row} is not in\n{text}");
    }
    assert!(!text.contains('✗'), "{text}");

    let status = object(&run(&home, &path, &["gateway", "status", "--json"]).expect_code(0));
    assert_eq!(
        status["process"],
        json!({ "pid": pid, "mode": "foreground", "startedAtMs": status["process"]["startedAtMs"] })
    );
    assert_eq!((&status["rpc"]["ok"], &status["port"]["status"]), (&json!(true), &json!("busy")));
    assert_eq!(status["port"]["listeners"][0]["pid"], pid);
    assert_eq!(status["problems"], json!([]));

    let overview = run(&home, &path, &["status"]).expect_code(0).stdout;
    for row in ["Clawdbot status", "Gateway: ✓ ws://127.0.0.1:", "Agents: main", "Sessions: 0", "Next steps"]
    {
        assert!(overview.contains(row), "{row} is not in\n{overview}");
    }
    let overview = object(&run(&home, &path, &["status", "--json"]).expect_code(0));
    assert_eq!(overview["gateway"]["reachable"], true);
    assert_eq!(overview["sessions"]["count"], 0);
    let health = run(&home, &path, &["health"]).expect_code(0).stdout;
    assert!(
        health.starts_with("✓ Gateway is healthy\nAgents: main (default)\nSession store (main): "),
        "{health}"
    );
    let cost = run(&home, &path, &["gateway", "usage-cost", "--days", "7"]).expect_code(0).stdout;
    assert_eq!(cost, "Usage cost (7 days)\nTotal: $0.0000 · 0 tokens\n");
}

#[test]
fn a_gateway_in_dev_mode() {
    let home = Home::new();
    let path = stand_in(&home, NO_BUS, "exit 1");
    let harness = harness::in_home(&home).start();
    let status = object(&run(&home, &path, &["gateway", "--dev", "status", "--json"]).expect_code(0));
    assert_eq!(status["process"]["mode"], "dev", "{status:#}");
    assert_eq!(status["process"]["pid"], harness.health().pid);
    assert_eq!((&status["rpc"]["ok"], &status["problems"]), (&json!(true), &json!([])), "{status:#}");
}

#[test]
fn a_gateway_that_a_manager_runs() {
    let home = Home::new();
    let gateway = gateway(&home);
    let active = recorded("show/active.txt").replace("MainPID=100", &format!("MainPID={}", gateway.pid()));
    let path = install(&home, &active);
    let text = run(&home, &path, &["gateway", "status"]).stdout;
    assert!(text.contains("│ Service: systemd (enabled) "), "{text}");
    assert!(text.contains(&format!("│ Runtime: running (PID {}) ", gateway.pid())), "{text}");
    let status = object(&run(&home, &path, &["gateway", "status", "--json", "--no-probe"]).expect_code(0));
    assert_eq!(status["service"]["loaded"], true);
    assert_eq!(status["service"]["runtime"]["status"], "running");
    assert_eq!(status["service"]["command"]["programArguments"][0], "/usr/local/bin/clawdbot");
    assert_eq!(status["process"]["mode"], "service");
    assert_eq!(status["rpc"], Value::Null);
}

#[test]
fn a_service_that_failed_says_what_to_do() {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local', prot: 1 } }");
    let path = install(&home, &recorded("show/failed-78.txt"));
    let arguments = ["gateway", "status", "--deep"];
    let finished = Run::new(&home, &arguments).env("PATH", &path).env("CLAWDBOT_GATEWAY_PORT", "1").finish();
    let text = finished.expect_code(3).stdout;
    for part in [
        "│ Runtime: failed (last exit 78)",
        "gateway: Unrecognized key: \"prot\"",
        "✗ The service is installed for port 18789, and the configuration says 1.",
        "✗ The service refuses to start, and will not until something is changed.",
        "  Fix: clawdbot gateway start",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn nothing_runs() {
    let home = Home::new();
    let path = stand_in(&home, NO_BUS, "exit 1");
    let port = free_port().to_string();
    let at = |arguments: &[&str]| {
        Run::new(&home, arguments).env("PATH", &path).env("CLAWDBOT_GATEWAY_PORT", &port).finish()
    };
    let text = at(&["gateway", "status"]).expect_code(3).stdout;
    for part in
        ["│ Runtime: not running", "│ Status: ✗ failed: ", "✗ No gateway runs.\n  Fix: clawdbot onboard\n"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let status = object(&at(&["gateway", "status", "--json"]).expect_code(3));
    assert_eq!((&status["ok"], &status["rpc"]["ok"]), (&json!(false), &json!(false)));
    assert_eq!(status["service"]["runtime"]["missingUnit"], true);
    at(&["gateway", "status", "--no-probe"]).expect_code(3);
    let overview = at(&["status"]).expect_code(3).stdout;
    assert!(overview.contains("Next steps\nNo gateway runs.\nFix: clawdbot onboard\n"), "{overview}");
    at(&["health"]).expect_code(3);
    assert!(!home.path().join(".clawdbot").exists(), "looking leaves nothing behind");
}

#[test]
fn without_a_probe_nobody_is_connected_to() {
    let home = Home::new();
    let path = stand_in(&home, NO_BUS, "exit 1");
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let arguments = ["gateway", "status", "--no-probe"];
    let run = Run::new(&home, &arguments).env("PATH", path).env("CLAWDBOT_GATEWAY_PORT", port.to_string());
    let text = run.finish().expect_code(3).stdout;
    assert!(!text.contains("RPC probe"), "{text}");
    assert!(text.contains(&format!("✗ Port {port} is taken by another program.")), "{text}");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn who_never_answers_holds_nobody_up() {
    let home = Home::new();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("ws://{}", silent.local_addr().unwrap());
    let note = home.path().join("pid");
    let path = stand_in(&home, &format!("echo $$ > '{}'\nexec sleep 60", note.display()), "exec sleep 60");
    // A pipe in place of the log would be waited for as well.
    fs::create_dir_all(home.path().join(".clawdbot/logs")).unwrap();
    let log = home.path().join(".clawdbot/logs/gateway.log");
    rustix::fs::mknodat(rustix::fs::CWD, &log, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for command in [&["gateway", "status"][..], &["status"]] {
        let finished = run(&home, &path, &[command, &["--url", &url, "--timeout", "400"]].concat());
        assert!(finished.took < SOON, "{command:?}: {:?}", finished.took);
        let text = finished.expect_code(3).stdout;
        assert!(text.contains("no answer within 400ms"), "{text}");
        let pid = fs::read_to_string(&note).unwrap();
        assert!(!Path::new("/proc").join(pid.trim()).exists(), "systemctl is still there");
    }
}

#[test]
fn a_narrow_terminal_has_whole_boxes() {
    let home = Home::new();
    let path = stand_in(&home, NO_BUS, "exit 1");
    home.write(".clawdbot/clawdbot.json", "{ gateway: { mode: 'local' } }");
    let port = free_port().to_string();
    let variables = [("PATH", path.as_str()), ("CLAWDBOT_GATEWAY_PORT", &port)];
    let mut terminal = Terminal::sized(&home, &["gateway", "status"], &variables, 40);
    let shown = terminal.expect(0, "Log file: ");
    terminal.ended(PATIENCE);
    let boxes: Vec<&str> = shown.lines().filter(|line| line.starts_with(['│', '┌', '└'])).collect();
    assert!(boxes.len() > 8, "{shown}");
    for line in boxes {
        let plain = line.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain.trim_end().chars().count(), 40, "{shown}");
    }
    assert!(shown.contains("\u{1b}[31m✗\u{1b}[0m"), "{shown}");
}
