//! Exposure by Tailscale: what is asked, what is said, and what is undone. With a stand-in for the `tailscale`
//! command; nothing here has met a real tailnet.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::home::Home;
use crate::support::process;
use crate::support::program::{BINARY, MARK, Run, command, fresh_mark};
use crate::support::tailscale::{Tailscale, complains, says};
use crate::support::wait;
use crate::support::watched::Watched;
use crate::support::wire::{Credentials, Wire};

/// Below the time that Tailscale gets for an answer.
const SOON: Duration = Duration::from_secs(4);

fn home(gateway: &str) -> Home {
    let home = Home::new();
    home.write(".clawdbot/clawdbot.json", &format!("{{ gateway: {{ mode: 'local', {gateway} }} }}"));
    home
}

fn gateway(home: &Home, tailscale: &Tailscale, arguments: &str, mark: &str) -> Command {
    let mut command = command(Path::new(BINARY), home.path(), mark);
    command.args(arguments.split_whitespace()).env("PATH", tailscale.path());
    command
}

fn start(home: &Home, tailscale: &Tailscale, arguments: &str) -> Watched {
    Watched::start(gateway(home, tailscale, arguments, &fresh_mark()))
}

fn stop(mut gateway: Watched) -> Watched {
    process::signal(gateway.pid(), Signal::TERM);
    assert_eq!(gateway.ends().code(), Some(0), "{:?}", gateway.stderr());
    gateway
}

#[test]
fn serve_is_told_in_its_order_and_asked_for_as_documented() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    let gateway = start(&home, &tailscale, "gateway --port 0 --tailscale serve");
    gateway.says("✓ log file: ");
    let (pid, port) = (gateway.pid(), gateway.address().port());
    let lines = gateway.stdout();
    assert_eq!(
        lines[..5],
        [
            "✓ Tailscale identity detected".to_owned(),
            "✓ advertising gateway via Tailscale Serve".to_owned(),
            "✓ MagicDNS: https://box.tail1234.ts.net".to_owned(),
            "✓ agent model: anthropic/claude-opus-4-5".to_owned(),
            format!("✓ listening on ws://127.0.0.1:{port} (PID {pid})"),
        ]
    );
    let gateway = stop(gateway);
    assert_eq!(gateway.stderr(), Vec::<String>::new());
    let asked = ["status --json".to_owned(), format!("serve --bg --yes {port}")];
    assert_eq!(tailscale.asked(), asked, "without being asked to, nothing is reset");
}

#[test]
fn funnel_is_reset_at_the_end_when_that_was_asked_for() {
    for arguments in [
        "gateway --tailscale funnel --tailscale-reset-on-exit --auth password --password p",
        "gateway run --tailscale funnel --tailscale-reset-on-exit --auth password --password p",
    ] {
        let home = home("");
        let tailscale = Tailscale::install(&home);
        let gateway = start(&home, &tailscale, &format!("{arguments} --port 0"));
        let port = gateway.address().port();
        let lines = ["✓ Tailscale Funnel enabled", "✓ Funnel URL: https://box.tail1234.ts.net"];
        assert_eq!(gateway.stdout()[..2], lines);
        stop(gateway);
        let asked =
            ["status --json".to_owned(), format!("funnel --bg --yes {port}"), "funnel reset".to_owned()];
        assert_eq!(tailscale.asked(), asked);
    }
}

#[test]
fn a_flag_that_was_not_given_does_not_override_the_configuration() {
    let home = home("tailscale: { mode: 'serve', resetOnExit: true }");
    let tailscale = Tailscale::install(&home);
    for arguments in ["gateway --port 0", "gateway --port 0 --tailscale serve"] {
        let gateway = start(&home, &tailscale, arguments);
        gateway.says("✓ log file: ");
        stop(gateway);
        assert_eq!(tailscale.asked().last().map(String::as_str), Some("serve reset"), "{arguments}");
    }
    let asked = tailscale.asked();
    let gateway = start(&home, &tailscale, "gateway --port 0 --tailscale off");
    gateway.says("✓ log file: ");
    stop(gateway);
    assert_eq!(tailscale.asked(), asked, "off is off");
}

#[test]
fn an_edit_of_the_configuration_is_followed() {
    let config = ".clawdbot/clawdbot.json";
    let text = |gateway: &str| {
        format!(
            "{{ gateway: {{ mode: 'local', reload: {{ debounceMs: 0 }}, auth: {{ password: 'p' }}, {gateway} }} }}"
        )
    };
    let home = home("reload: { debounceMs: 0 }, auth: { password: 'p' }");
    let tailscale = Tailscale::install(&home);
    let gateway = start(&home, &tailscale, "gateway --port 0");
    gateway.says("✓ log file: ");
    let port = gateway.address().port();
    let asked = |what: &str| {
        let last = || tailscale.asked().last().is_some_and(|asked| asked == what).then_some(());
        wait::until(what, wait::PATIENCE, last);
    };
    home.write(config, &text("tailscale: { mode: 'serve' }"));
    gateway.says("✓ MagicDNS: https://box.tail1234.ts.net");
    asked(&format!("serve --bg --yes {port}"));
    // What stays the same is left alone.
    let before = tailscale.asked();
    home.write(config, &text("tailscale: { mode: 'serve', resetOnExit: true }, tls: { enabled: false }"));
    wait::until("a second restart", wait::PATIENCE, || {
        let restarts =
            gateway.stdout().into_iter().filter(|line| line.starts_with("✓ restarted in ")).count();
        (restarts == 2).then_some(())
    });
    assert_eq!(tailscale.asked(), before);
    // Another mode takes the place of the last.
    home.write(config, &text("tailscale: { mode: 'funnel' }"));
    gateway.says("✓ Funnel URL: https://box.tail1234.ts.net");
    asked(&format!("funnel --bg --yes {port}"));
    assert_eq!(tailscale.asked()[before.len()], "serve reset");
    // Nobody asked for its end.
    home.write(config, &text("port: 1"));
    gateway.complains("Tailscale Funnel stays enabled. To disable it, run: tailscale funnel reset");
    // What must not be exposed is refused, and the gateway that runs is kept.
    home.write(config, &text("tailscale: { mode: 'serve' }, bind: 'lan'"));
    gateway.says("✗ tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)");
    stop(gateway);
}

#[test]
fn over_tls_the_proxy_is_told_so() {
    let home = home("tls: { enabled: true }, tailscale: { mode: 'serve' }");
    let tailscale = Tailscale::install(&home);
    let gateway = start(&home, &tailscale, "gateway --port 0");
    let line = gateway.says("✓ listening on wss://127.0.0.1:");
    let port = line.rsplit_once("127.0.0.1:").and_then(|(_, rest)| rest.split(' ').next()).unwrap();
    assert_eq!(
        tailscale.asked().last(),
        Some(&format!("serve --bg --yes https+insecure://localhost:{port}"))
    );
    stop(gateway);
}

#[test]
fn every_problem_names_its_fix_and_the_gateway_keeps_running() {
    let keeps = "The gateway keeps running, reachable from this machine only.";
    let no_https = "Serve is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/serve?node=nBox";
    let said_on_stdout = format!("cat <<'END'\n{no_https}\nEND\nexit 0");
    for (question, answer, mode, expected) in [
        (
            "status",
            complains("failed to connect to local tailscaled; it doesn't appear to be running", 1),
            "serve",
            "Tailscale Serve is not enabled: the Tailscale daemon does not run. Start it: sudo systemctl start tailscaled (macOS, Windows: open the app).",
        ),
        (
            "status",
            says("status-needs-login.json"),
            "serve",
            "Tailscale Serve is not enabled: this machine is logged out of Tailscale. Run: tailscale up (or open https://login.tailscale.com/a/0123456789abcd).",
        ),
        (
            "expose",
            said_on_stdout,
            "serve",
            "Tailscale Serve is not enabled: HTTPS is not enabled in this tailnet. Enable MagicDNS and HTTPS certificates: https://login.tailscale.com/f/serve?node=nBox.",
        ),
        (
            "expose",
            complains(
                "Funnel not available; \"funnel\" node attribute not set. See https://tailscale.com/s/no-funnel.",
                1,
            ),
            "funnel",
            "Tailscale Funnel is not enabled: the tailnet's policy does not allow Funnel on this machine. Add the node attribute \"funnel\" to nodeAttrs: https://tailscale.com/s/no-funnel.",
        ),
        (
            "expose",
            complains(
                "sending serve config: Access denied: serve config denied\n\nUse 'sudo tailscale serve --bg'.\nTo not require root, use 'sudo tailscale set --operator=$USER' once.",
                1,
            ),
            "serve",
            "Tailscale Serve is not enabled: this user may not change Tailscale's configuration. Run once: sudo tailscale set --operator=$USER.",
        ),
        (
            "expose",
            complains("something that nobody has seen before", 7),
            "serve",
            "Tailscale Serve is not enabled: `tailscale serve --bg --yes PORT` failed: something that nobody has seen before.",
        ),
        (
            "status",
            "echo nonsense".to_owned(),
            "serve",
            "Tailscale Serve is not enabled: failed to read the answer of `tailscale status --json`: expected ident at line 1 column 2.",
        ),
    ] {
        let home = home("auth: { password: 'p' }, tailscale: { resetOnExit: true }");
        let tailscale = Tailscale::install(&home);
        tailscale.answer(question, &answer);
        let gateway = start(&home, &tailscale, &format!("gateway --port 0 --tailscale {mode}"));
        gateway.says("✓ log file: ");
        let address = gateway.address();
        gateway.complains("The gateway keeps running");
        assert!(Wire::open(address).is_ok(), "{mode}");
        let gateway = stop(gateway);
        let expected = expected.replace("PORT", &address.port().to_string());
        assert_eq!(gateway.stderr(), [expected.as_str(), keeps]);
        assert!(tailscale.asked().iter().all(|asked| !asked.ends_with("reset")), "{:?}", tailscale.asked());
    }
}

#[test]
fn without_tailscale_the_gateway_runs_and_says_so() {
    let home = home("");
    let mut command = command(Path::new(BINARY), home.path(), &fresh_mark());
    command.args(["gateway", "--port", "0", "--tailscale", "serve"]).env("PATH", home.path());
    let gateway = Watched::start(command);
    gateway.says("✓ log file: ");
    gateway.complains(
        "Tailscale Serve is not enabled: there is no tailscale command in PATH. \
         Install Tailscale: https://tailscale.com/download.",
    );
    assert!(Wire::open(gateway.address()).is_ok());
    stop(gateway);
}

#[test]
fn a_machine_without_a_name_is_told() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    tailscale.answer("status", r#"echo '{"BackendState":"Running","Self":{"DNSName":""}}'"#);
    let gateway = start(&home, &tailscale, "gateway --port 0 --tailscale serve");
    gateway.complains("This machine has no name in its tailnet, and HTTPS needs one. Enable MagicDNS: ");
    assert_eq!(gateway.stdout()[1], "✓ advertising gateway via Tailscale Serve");
    stop(gateway);
}

#[test]
fn a_tailscale_that_hangs_holds_nothing_up_and_is_not_left_behind() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    tailscale.answer("expose", "echo hangs; exec sleep 1000");
    let mark = fresh_mark();
    let arguments = "gateway --port 0 --tailscale serve --tailscale-reset-on-exit";
    let gateway = Watched::start(gateway(&home, &tailscale, arguments, &mark));
    gateway.says("✓ log file: ");
    assert!(Wire::open(gateway.address()).is_ok());
    let begin = Instant::now();
    stop(gateway);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    // It may have been done before it was cut off.
    assert_eq!(tailscale.asked().last().map(String::as_str), Some("serve reset"));
    let marked = format!("{MARK}={mark}");
    wait::until("nothing is left", wait::PATIENCE, || process::marked(&marked).is_empty().then_some(()));
}

#[test]
fn a_second_signal_does_not_wait_for_tailscale() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    tailscale.answer("reset", "exec sleep 1000");
    let mark = fresh_mark();
    let arguments = "gateway --port 0 --tailscale serve --tailscale-reset-on-exit";
    let mut gateway = Watched::start(gateway(&home, &tailscale, arguments, &mark));
    gateway.says("✓ log file: ");
    process::signal(gateway.pid(), Signal::TERM);
    wait::until("the reset", wait::PATIENCE, || {
        tailscale.asked().iter().any(|asked| asked == "serve reset").then_some(())
    });
    process::signal(gateway.pid(), Signal::TERM);
    let begin = Instant::now();
    assert_eq!(gateway.ends().code(), Some(143));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    let marked = format!("{MARK}={mark}");
    wait::until("nothing is left", wait::PATIENCE, || process::marked(&marked).is_empty().then_some(()));
}

#[test]
fn a_reset_that_fails_is_told() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    tailscale.answer("reset", &complains("failed to connect to local tailscaled", 1));
    let gateway = start(&home, &tailscale, "gateway --port 0 --tailscale serve --tailscale-reset-on-exit");
    gateway.says("✓ log file: ");
    let gateway = stop(gateway);
    assert_eq!(
        gateway.stderr(),
        [
            "Tailscale Serve is still enabled: the Tailscale daemon does not run. Start it: sudo systemctl start tailscaled (macOS, Windows: open the app).",
            "To disable it, run: tailscale serve reset",
        ]
    );
}

#[test]
fn what_must_not_be_exposed_is_refused_and_tailscale_is_not_asked() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    let refused = |arguments: &str, code: i32, stderr: &str| {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let finished = Run::new(&home, &arguments).env("PATH", tailscale.path()).finish().expect_code(code);
        assert_eq!(finished.stderr, stderr);
    };
    let bind = "tailscale serve/funnel requires gateway bind=loopback (127.0.0.1)\n";
    let funnel = "tailscale funnel requires gateway auth mode=password \
                  (set gateway.auth.password or CLAWDBOT_GATEWAY_PASSWORD)\n";
    refused("gateway --tailscale serve --bind lan --token t", 78, bind);
    refused("gateway run --tailscale serve --bind auto --token t", 78, bind);
    refused("gateway --tailscale funnel", 78, funnel);
    refused("gateway --tailscale funnel --token t", 78, funnel);
    refused(
        "gateway --tailscale funnel --auth password",
        78,
        "Gateway auth is set to password, but no password is configured.\nSet gateway.auth.password (or CLAWDBOT_GATEWAY_PASSWORD), or pass --password.\n",
    );
    refused(
        "gateway --tailscale-reset-on-exit",
        2,
        "Use --tailscale-reset-on-exit with --tailscale serve or --tailscale funnel.\n",
    );
    refused(
        "gateway --dev --port 4711 --tailscale serve",
        78,
        "Tailscale does not expose a gateway in dev mode.\n\
         Drop --tailscale, or set gateway.tailscale.mode=off. \
         To reach it from the tailnet anyway, run: tailscale serve --bg 4711\n",
    );
    assert_eq!(tailscale.asked(), Vec::<String>::new());
}

#[test]
fn pages_under_the_name_of_the_tailnet_may_connect() {
    let home = home("");
    let tailscale = Tailscale::install(&home);
    let gateway = start(&home, &tailscale, "gateway --port 0 --tailscale serve --token t");
    let address = gateway.address();
    let page = |host: &str, origin: &str| {
        let headers = [("host", host), ("origin", origin)];
        Wire::open_with(address, "/", &headers).map(|_| ())
    };
    assert_eq!(page("box.tail1234.ts.net", "https://box.tail1234.ts.net"), Ok(()));
    let forbidden = Err("HTTP 403".to_owned());
    assert_eq!(page("box.tail1234.ts.net", "https://evil.tail1234.ts.net"), forbidden);
    assert_eq!(page("rebound.example", "https://rebound.example"), forbidden);
    assert!(Wire::hello(address, &Credentials::Token("t".to_owned())).is_ok());
}
