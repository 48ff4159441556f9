//! Complaints in the words of Tailscale's command line interface.

use super::*;
use crate::platform::process::ExitReport;

fn output(code: i32, stdout: &str, stderr: &str) -> CommandOutput {
    let exit = ExitReport { code: Some(code), ..ExitReport::default() };
    CommandOutput { exit, stdout: stdout.to_owned(), stderr: stderr.to_owned() }
}

#[track_caller]
fn check(output: &CommandOutput, expected: &str) {
    let error = TailscaleError::of("serve --bg --yes 18789", output).expect("an error");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn complaints_name_their_fix() {
    for (stderr, expected) in [
        (
            "failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)\n",
            "the Tailscale daemon does not run. Start it: sudo systemctl start tailscaled (macOS, Windows: open the app)",
        ),
        (
            "failed to connect to local Tailscale service; is Tailscale running?\n",
            "the Tailscale daemon does not run. Start it: sudo systemctl start tailscaled (macOS, Windows: open the app)",
        ),
        (
            "sending serve config: Access denied: serve config denied\n\nUse 'sudo tailscale serve --bg --yes 18789'.\nTo not require root, use 'sudo tailscale set --operator=$USER' once.\n",
            "this user may not change Tailscale's configuration. Run once: sudo tailscale set --operator=$USER",
        ),
        (
            "Funnel not available; HTTPS must be enabled. See https://tailscale.com/s/https.\n",
            "HTTPS is not enabled in this tailnet. Enable MagicDNS and HTTPS certificates: https://tailscale.com/s/https",
        ),
        (
            "Funnel not available; \"funnel\" node attribute not set. See https://tailscale.com/s/no-funnel.\n",
            "the tailnet's policy does not allow Funnel on this machine. Add the node attribute \"funnel\" to nodeAttrs: https://tailscale.com/s/no-funnel",
        ),
        ("Logged out.\n", "this machine is logged out of Tailscale. Run: tailscale up"),
        ("Tailscale is stopped.\n", "Tailscale is stopped. Run: tailscale up"),
        (
            "foreground already exists under this port\n",
            "port 443 of this machine's Tailscale is in use. See: tailscale serve status; free it: tailscale serve reset",
        ),
        ("\n  something new\nmore of it\n", "`tailscale serve --bg --yes 18789` failed: something new"),
        ("", "`tailscale serve --bg --yes 18789` failed: ended with exit code 1"),
    ] {
        check(&output(1, "", stderr), expected);
    }
}

const APPROVAL: &str = "Serve is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/serve?node=nBoxExample1CNTRL\n\n";

#[test]
fn a_missing_approval_is_an_error_whatever_the_exit_code_says() {
    let serve = "HTTPS is not enabled in this tailnet. Enable MagicDNS and HTTPS certificates: \
                 https://login.tailscale.com/f/serve?node=nBoxExample1CNTRL";
    for code in [0, 1] {
        check(&output(code, APPROVAL, ""), serve);
        check(
            &output(code, &APPROVAL.replace("Serve", "Funnel").replace("/serve", "/funnel"), ""),
            "the tailnet's policy does not allow Funnel on this machine. Add the node attribute \"funnel\" to nodeAttrs: \
             https://login.tailscale.com/f/funnel?node=nBoxExample1CNTRL",
        );
    }
    let waits = ExecError::TimedOut {
        program: "tailscale".to_owned(),
        limit: Duration::from_secs(15),
        said: APPROVAL.to_owned(),
    };
    assert_eq!(TailscaleError::of_exec("serve", waits).to_string(), serve);
}

#[test]
fn success_is_no_error() {
    let said = "Available within your tailnet:\n\nhttps://box.tail1234.ts.net/\n|-- proxy http://127.0.0.1:18789\n\n\
                Serve started and running in the background.\nTo disable the proxy, run: tailscale serve --https=443 off\n";
    assert_eq!(TailscaleError::of("serve", &output(0, said, "")), None);
    assert_eq!(TailscaleError::of("serve", &output(0, "", "warning: something already serving\n")), None);
}

#[test]
fn no_answer_is_said() {
    let silent = ExecError::TimedOut {
        program: "tailscale".to_owned(),
        limit: Duration::from_secs(15),
        said: String::new(),
    };
    assert_eq!(
        TailscaleError::of_exec("serve --bg --yes 1", silent).to_string(),
        "`tailscale serve --bg --yes 1` did not end within 15 s. Look at: tailscale status"
    );
    let gone = TailscaleError::of_exec("serve", ExecError::NotFound("/usr/bin/tailscale".to_owned()));
    assert_eq!(gone, TailscaleError::NotInstalled);
    let odd = TailscaleError::of_exec("serve", ExecError::NotExecutable("/usr/bin/tailscale".to_owned()));
    assert_eq!(odd.to_string(), "`tailscale serve` failed: failed to run /usr/bin/tailscale: not executable");
}
