//! The unit of a gateway. Pure.
//!
//! - `Type=notify`: `start` and `restart` return when the gateway serves, or has said why it will not.
//! - `Restart=always` with a limit: whoever ends the gateway gets it back, and one that cannot run is not started for
//!   ever. What will fail again (78) is not tried again at all.
//! - `KillMode=mixed`: the gateway is asked to end and drains; what its commands have left behind goes with it.
//! - `OOMPolicy=continue`: a command that used up the memory does not take the gateway with it, which is the default.
//! - No sandbox: agents and skills run whatever they need in the home directory, some with `sudo`, and in a user unit
//!   nearly every such option implies `NoNewPrivileges=`, which breaks that.

use std::fmt::Write;

use super::unit;
use crate::service::ServiceSpec;
use crate::service::spec::PLACES;

/// Everything between `[Service]` and what the spec says.
const BEHAVIOUR: &str = "\
Restart=always
RestartSec=1
# The gateway ends with this when starting it again changes nothing; the log says what to do.
RestartPreventExitStatus=78
TimeoutStartSec=60
TimeoutStopSec=10
# One that hangs is not asked for a core dump: its memory holds secrets.
WatchdogSec=30
WatchdogSignal=SIGKILL
KillMode=mixed
OOMPolicy=continue
# No sandbox: agents and skills run any command in the home directory, some with sudo.
";

/// The unit file.
pub(super) fn unit(spec: &ServiceSpec) -> String {
    let mut text = format!(
        "# Written by `clawdbot gateway install`, which shows what was changed here, and replaces it only with --force.\n\
         # To add to it: systemctl --user edit {name}\n\
         [Unit]\n\
         Description={description}\n\
         # At most five starts a minute.\n\
         StartLimitIntervalSec=60\n\
         StartLimitBurst=5\n\
         \n\
         [Service]\n\
         Type=notify\n\
         ExecStart={command}\n\
         ExecReload=kill -HUP $MAINPID\n\
         {BEHAVIOUR}",
        name = spec.names.unit,
        description = unit::line(&spec.description),
        command = command(&spec.argv),
    );
    for (name, value) in &spec.environment {
        let _ = writeln!(text, "Environment={}", unit::word(&format!("{name}={value}")));
    }
    let foreign: Vec<_> = PLACES.into_iter().filter(|name| !spec.environment.contains_key(*name)).collect();
    if !foreign.is_empty() {
        let _ = writeln!(text, "UnsetEnvironment={}", foreign.join(" "));
    }
    text.push_str("\n[Install]\nWantedBy=default.target\n");
    text
}

/// The program's path stands for itself; in its arguments a dollar sign would begin a variable.
fn command(argv: &[String]) -> String {
    let words = argv.iter().enumerate().map(|(index, text)| match index {
        0 => unit::word(text),
        _ => unit::argument(text),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::systemd::read;
    use crate::service::{Author, ServiceNames};

    fn spec() -> ServiceSpec {
        let text = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        ServiceSpec {
            names: ServiceNames {
                unit: "clawdbot-gateway-work.service".to_owned(),
                label: String::new(),
                task: String::new(),
            },
            description: "Clawdbot Gateway (profile: work, v0.1.0)".to_owned(),
            argv: text(&[
                "/usr/local/bin/clawdbot",
                "--profile",
                "work",
                "gateway",
                "--port",
                "18789",
                "--bind",
                "loopback",
            ]),
            environment: [
                ("CLAWDBOT_PROFILE", "work"),
                ("CLAWDBOT_SERVICE_KIND", "gateway"),
                ("CLAWDBOT_SERVICE_MARKER", "clawdbot"),
                ("CLAWDBOT_SERVICE_VERSION", "0.1.0"),
                ("HOME", "/home/you"),
                ("PATH", "/home/you/.local/bin:/usr/local/bin:/usr/bin:/bin"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            stdout_log: "/unused".into(),
            stderr_log: "/unused".into(),
        }
    }

    #[test]
    fn the_unit_is_the_recorded_one() {
        assert_eq!(
            unit(&spec()),
            include_str!("../../../fixtures/service/systemd/clawdbot-gateway-work.service")
        );
    }

    #[test]
    fn what_is_rendered_is_read_back() {
        let mut spec = spec();
        spec.argv[0] = "/opt/My Programs/100%/clawdbot$".to_owned();
        spec.argv.push("--odd=$HOME \"x\"".to_owned());
        spec.environment.insert("CLAWDBOT_STATE_DIR".to_owned(), "/srv/my state/50%\\".to_owned());
        spec.description = "A%b\nExecStartPre=/bin/false".to_owned();
        let text = unit(&spec);
        let read = read::definition("/unit".into(), text.clone(), "/home/you");
        assert_eq!((&read.argv, &read.environment), (&spec.argv, &spec.environment));
        assert_eq!(read.author(), Author::Ours);
        assert!(!text.lines().any(|line| line.starts_with("ExecStartPre")), "{text}");
        assert!(text.contains("UnsetEnvironment=CLAWDBOT_CONFIG_PATH CLAWDBOT_GATEWAY_PORT\n"), "{text}");
    }
}
