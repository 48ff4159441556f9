//! `clawdbot gateway` outside dev mode: what it refuses, what it prints, how it ends.

use std::net::TcpListener;

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::program::Run;

const REFUSED: i32 = 78;
const USAGE: i32 = 2;

const BLOCKED: &str =
    "Gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured.\n";

#[track_caller]
fn refused(home: &Home, arguments: &[&str], code: i32, stderr: &str) {
    let finished = Run::new(home, arguments).finish().expect_code(code);
    assert_eq!(finished.stderr, stderr);
    assert_eq!(finished.stdout, "");
}

fn configured(gateway: &str) -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", &format!("{{ gateway: {{ {gateway} }} }}"));
    home
}

#[test]
fn refusals_have_their_text_and_exit_code() {
    let nothing = Home::new();
    refused(
        &nothing,
        &["gateway"],
        REFUSED,
        &format!(
            "{BLOCKED}No config at ~/.clawdbot/clawdbot.json. \
             Run clawdbot onboard, or: clawdbot config set gateway.mode local\n"
        ),
    );
    let unsafe_bind = "Refusing to bind gateway to lan without auth.\n\
                       Set gateway.auth.token/password (or CLAWDBOT_GATEWAY_TOKEN/CLAWDBOT_GATEWAY_PASSWORD) \
                       or pass --token/--password.\n";
    refused(&nothing, &["gateway", "--allow-unconfigured", "--bind", "lan"], REFUSED, unsafe_bind);
    refused(&nothing, &["gateway", "run", "--allow-unconfigured", "--bind", "lan"], REFUSED, unsafe_bind);
    refused(&nothing, &["gateway", "--reset"], USAGE, "Use --reset with --dev.\n");
    refused(
        &nothing,
        &["gateway", "--token", "", "--allow-unconfigured"],
        USAGE,
        "--token must not be empty.\n",
    );
    let invalid = "[clawdbot] Invalid --profile (use letters, numbers, \"_\", \"-\" only)\n";
    refused(&nothing, &["--profile", "a/b", "gateway"], USAGE, invalid);
    refused(&configured("port: 1"), &["gateway"], REFUSED, BLOCKED);
    refused(
        &configured("mode: 'local', auth: { mode: 'token' }"),
        &["gateway"],
        REFUSED,
        "Gateway auth is set to token, but no token is configured.\n\
         Set gateway.auth.token (or CLAWDBOT_GATEWAY_TOKEN), or pass --token.\n",
    );
    assert!(!nothing.path().join(".clawdbot").exists(), "a refused start leaves nothing behind");
}

#[test]
fn a_taken_port_is_said_with_its_holder() {
    let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = holder.local_addr().unwrap().port();
    let finished = Run::new(&configured("mode: 'local'"), &["gateway", "--port", &port.to_string()]).finish();
    let finished = finished.expect_code(REFUSED);
    let first = format!("Error: listen EADDRINUSE: address already in use 127.0.0.1:{port}\n");
    assert!(finished.stderr.starts_with(&first), "{}", finished.stderr);
    if cfg!(target_os = "linux") {
        finished.expect_stderr(&format!("Held by pid {} ", std::process::id()));
    }
}

#[test]
fn the_version_stands_alone() {
    let finished = Run::new(&Home::new(), &["--version"]).without("HOME").finish().expect_code(0);
    assert_eq!(finished.stdout, format!("{}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn starts_in_the_documented_words_and_only_once() {
    let home = configured("mode: 'local'");
    let gateway = Started::new(&home, &["gateway", "--port", "0"]);
    let (pid, port) = (gateway.pid(), gateway.port());
    assert_eq!(gateway.lines[0], "✓ agent model: anthropic/claude-opus-4-5");
    assert_eq!(gateway.lines[1], format!("✓ listening on ws://127.0.0.1:{port} (PID {pid})"));
    let log = home.path().join(".clawdbot/logs/gateway.log");
    assert_eq!(gateway.lines.last().unwrap(), &format!("✓ log file: {}", log.display()));

    for taken in [port, 0] {
        let again = Run::new(&home, &["gateway", "--port", &taken.to_string()]).finish().expect_code(REFUSED);
        let first = format!("Gateway already running locally (pid {pid}, port {port}, since ");
        assert!(again.stderr.starts_with(&first), "{}", again.stderr);
        assert!(again.stderr.contains(&format!("Stop it with `kill {pid}`")), "{}", again.stderr);
    }
    let other =
        Started::new(&home, &["--profile", "other", "gateway", "--port", "0", "--allow-unconfigured"]);
    assert_ne!(other.port(), port);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_success() {
    use crate::support::process;
    use rustix::process::Signal;

    for signal in [Signal::TERM, Signal::INT] {
        let home = configured("mode: 'local'");
        let mut gateway = Started::new(&home, &["gateway", "--port", "0"]);
        process::signal(gateway.pid(), signal);
        assert_eq!(gateway.ended().code(), Some(0), "{signal:?}");
        let runtime_file = home.path().join(".clawdbot/gateway.json");
        assert!(!runtime_file.exists(), "the runtime file names no gateway that has gone");
    }
}
