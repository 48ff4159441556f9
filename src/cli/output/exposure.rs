//! The lines about exposure by Tailscale.

use crate::platform::tailscale::{Public, Status, TailscaleError};

/// What became of an exposure.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// To whom.
    pub(crate) public: Public,
    /// This machine in the tailnet, when it is connected.
    pub(crate) status: Option<Status>,
    /// Why nothing is exposed.
    pub(crate) error: Option<TailscaleError>,
}

/// What went well, in the order of a start.
pub(crate) fn lines(outcome: &Outcome) -> Vec<String> {
    let is_on = outcome.error.is_none();
    let name = outcome.status.as_ref().and_then(|status| status.name.as_deref());
    let mut lines = Vec::new();
    match outcome.public {
        Public::Tailnet => {
            if outcome.status.is_some() {
                lines.push("Tailscale identity detected".to_owned());
            }
            if is_on {
                lines.push("advertising gateway via Tailscale Serve".to_owned());
                lines.extend(name.map(|name| format!("MagicDNS: https://{name}")));
            }
        }
        Public::Internet if is_on => {
            lines.push("Tailscale Funnel enabled".to_owned());
            lines.extend(name.map(|name| format!("Funnel URL: https://{name}")));
        }
        Public::Internet => {}
    }
    lines
}

/// What did not, what that means, and what helps.
pub(crate) fn problem(outcome: &Outcome) -> Option<String> {
    if let Some(error) = &outcome.error {
        return Some(format!(
            "{} is not enabled: {error}.\nThe gateway keeps running, reachable from this machine only.",
            name(outcome.public)
        ));
    }
    let status = outcome.status.as_ref()?;
    status.name.is_none().then(|| {
        "This machine has no name in its tailnet, and HTTPS needs one. \
         Enable MagicDNS: https://login.tailscale.com/admin/dns"
            .to_owned()
    })
}

/// That something stays exposed, and why unless nobody asked for its end.
pub(crate) fn kept(public: Public, error: Option<&TailscaleError>) -> String {
    let (name, verb) = (name(public), public.verb());
    match error {
        Some(error) => {
            format!("{name} is still enabled: {error}.\nTo disable it, run: tailscale {verb} reset")
        }
        None => format!("{name} stays enabled. To disable it, run: tailscale {verb} reset"),
    }
}

fn name(public: Public) -> &'static str {
    match public {
        Public::Tailnet => "Tailscale Serve",
        Public::Internet => "Tailscale Funnel",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(public: Public, name: Option<&str>, error: Option<TailscaleError>) -> Outcome {
        let status = Status { name: name.map(str::to_owned), address: None };
        Outcome { public, status: Some(status), error }
    }

    #[track_caller]
    fn check(outcome: &Outcome, expected: &[&str], expected_problem: Option<&str>) {
        assert_eq!(lines(outcome), expected);
        assert_eq!(problem(outcome).as_deref(), expected_problem);
    }

    #[test]
    fn what_works_is_said_in_the_documented_words() {
        let name = Some("box.tail1234.ts.net");
        check(
            &outcome(Public::Tailnet, name, None),
            &[
                "Tailscale identity detected",
                "advertising gateway via Tailscale Serve",
                "MagicDNS: https://box.tail1234.ts.net",
            ],
            None,
        );
        check(
            &outcome(Public::Internet, name, None),
            &["Tailscale Funnel enabled", "Funnel URL: https://box.tail1234.ts.net"],
            None,
        );
        check(
            &outcome(Public::Tailnet, None, None),
            &["Tailscale identity detected", "advertising gateway via Tailscale Serve"],
            Some(
                "This machine has no name in its tailnet, and HTTPS needs one. \
                 Enable MagicDNS: https://login.tailscale.com/admin/dns",
            ),
        );
    }

    #[test]
    fn what_does_not_is_said_with_its_fix() {
        let denied = Some(TailscaleError::Denied);
        check(
            &outcome(Public::Tailnet, Some("box"), denied.clone()),
            &["Tailscale identity detected"],
            Some(
                "Tailscale Serve is not enabled: this user may not change Tailscale's configuration. \
                 Run once: sudo tailscale set --operator=$USER.\n\
                 The gateway keeps running, reachable from this machine only.",
            ),
        );
        let funnel = Outcome { status: None, ..outcome(Public::Internet, None, denied) };
        assert_eq!(lines(&funnel), Vec::<String>::new());
        assert!(problem(&funnel).unwrap().starts_with("Tailscale Funnel is not enabled: "));
        assert_eq!(
            kept(Public::Internet, Some(&TailscaleError::NotRunning)),
            "Tailscale Funnel is still enabled: the Tailscale daemon does not run. \
             Start it: sudo systemctl start tailscaled (macOS, Windows: open the app).\n\
             To disable it, run: tailscale funnel reset"
        );
        let serve = kept(Public::Tailnet, None);
        assert_eq!(serve, "Tailscale Serve stays enabled. To disable it, run: tailscale serve reset");
    }
}
