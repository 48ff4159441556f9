use super::*;
use crate::platform::exec::recording::RecordingRunner;

const RUNNING: &str = include_str!("../../../../fixtures/tailscale/status-running.json");
const USER: &str = include_str!("../../../../fixtures/tailscale/whois-user.json");

fn tailscale(runner: &Arc<RecordingRunner>) -> Tailscale {
    let runner: Arc<dyn CommandRunner> = Arc::<RecordingRunner>::clone(runner);
    Tailscale { program: PathBuf::from("tailscale"), runner, cancel: Cancel::default() }
}

#[test]
fn the_arguments_are_the_documented_ones() {
    let runner = Arc::new(
        RecordingRunner::default()
            .says("tailscale status --json", 0, RUNNING)
            .says("tailscale serve --bg --yes 18789", 0, "")
            .says("tailscale funnel --bg --yes 18789", 0, "")
            .says("tailscale serve --bg --yes https+insecure://localhost:18789", 0, "")
            .says("tailscale serve reset", 0, "")
            .says("tailscale funnel reset", 0, "")
            .says("tailscale whois --json 100.64.0.8", 0, USER)
            .says("tailscale whois --json fd7a:115c:a1e0::8", 0, USER),
    );
    let tailscale = tailscale(&runner);
    assert_eq!(tailscale.status().unwrap().name.as_deref(), Some("box.tail1234.ts.net"));
    for public in [Public::Tailnet, Public::Internet] {
        tailscale.expose(public, Target::Plain(18789)).unwrap();
    }
    tailscale.expose(Public::Tailnet, Target::Tls(18789)).unwrap();
    for public in [Public::Tailnet, Public::Internet] {
        tailscale.reset(public).unwrap();
    }
    for address in ["100.64.0.8", "fd7a:115c:a1e0::8"] {
        let owner = tailscale.whois(address.parse().unwrap()).unwrap();
        assert_eq!(owner, Owner::User("ada@example.org".to_owned()));
    }
    runner.assert_done();
    let limits: Vec<_> = runner.commands().iter().map(|line| line.timeout.as_secs()).collect();
    assert_eq!(limits, [5, 15, 15, 15, 5, 5, 3, 3]);
}

#[test]
fn an_unknown_address_is_nobody_and_a_silent_daemon_is_an_error() {
    let complaint = |stderr: &str| {
        let exit = crate::platform::process::ExitReport { code: Some(1), ..Default::default() };
        Ok(CommandOutput { exit, stdout: String::new(), stderr: stderr.to_owned() })
    };
    let line = "tailscale whois --json 100.64.0.8";
    let runner = Arc::new(
        RecordingRunner::default()
            .answer(line, complaint("peer not found\n"))
            .answer(line, complaint("404 Not Found: no match for IP:port\n"))
            .answer(
                line,
                complaint("failed to connect to local tailscaled; it doesn't appear to be running\n"),
            ),
    );
    let tailscale = tailscale(&runner);
    let address: IpAddr = "100.64.0.8".parse().unwrap();
    assert_eq!(tailscale.whois(address).unwrap(), Owner::Nobody);
    assert_eq!(tailscale.whois(address).unwrap(), Owner::Nobody);
    assert_eq!(tailscale.whois(address).unwrap_err(), TailscaleError::NotRunning);
}

#[test]
fn a_state_that_is_told_with_an_exit_code_is_read() {
    let needs_login = include_str!("../../../../fixtures/tailscale/status-needs-login.json");
    let runner = Arc::new(RecordingRunner::default().says("tailscale status --json", 1, needs_login).says(
        "tailscale status --json",
        1,
        "",
    ));
    let tailscale = tailscale(&runner);
    assert!(matches!(tailscale.status(), Err(TailscaleError::LoggedOut { login_url: Some(_) })));
    assert!(matches!(tailscale.status(), Err(TailscaleError::Failed { .. })));
}
