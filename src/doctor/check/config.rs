//! The configuration and `.env`: what keeps a gateway from starting, and what does not count.

use crate::config::edit::ConfigPath;
use crate::config::schema::GatewayMode;
use crate::config::{Issue, Outcome};
use crate::doctor::facts::{ConfigFacts, Facts};
use crate::doctor::finding::{Finding, Repair};

/// What an invalid configuration means.
const REFUSED: &str = "A gateway does not start with it, and one that runs keeps the last one that worked.";

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(config) = &facts.config else { return Vec::new() };
    let mut findings = Vec::new();
    if let Some(fault) = &config.dotenv {
        let path = facts.show(&facts.paths.dotenv);
        findings.push(
            Finding::error("env-file-invalid", format!("{path} cannot be used: {fault}"))
                .why("A gateway does not start with it.")
                .advice(format!("mend that line of {path}")),
        );
    }
    match &config.snapshot.outcome {
        Outcome::Missing => findings.extend(missing(facts)),
        Outcome::Invalid(issues) => findings.extend(issues.iter().map(|issue| invalid(issue, config, facts))),
        Outcome::Valid => findings.extend(mode(config, facts)),
    }
    if let Some(directory) = &config.empty_control_ui {
        let directory = facts.show(directory);
        findings.push(
            Finding::warning("control-ui-missing", format!("there is no Control UI in {directory}"))
                .why("Browsers are shown how to get it, and not the Control UI.")
                .advice(
                    "build it there, or let gateway.controlUi.root (or CLAWDBOT_CONTROL_UI_DIR) name the directory \
                     that holds its index.html",
                ),
        );
    }
    findings.extend(config.snapshot.warnings.iter().map(|issue| {
        let finding = Finding::warning("config-warning", text(issue))
            .why("What stands there does not count.")
            .at(issue.place.clone());
        match &issue.suggestion {
            Some(suggestion) => finding.advice(suggestion),
            None => finding.command(facts.own("config edit")),
        }
    }));
    findings
}

/// In dev mode the harness makes one.
fn missing(facts: &Facts<'_>) -> Option<Finding> {
    let path = facts.show(&facts.paths.config_path);
    (!facts.paths.dev_mode).then(|| {
        Finding::error("config-missing", format!("there is no {path}"))
            .why("A gateway starts only when its configuration says gateway.mode=local.")
            .command(facts.own("onboard"))
    })
}

fn mode(config: &ConfigFacts, facts: &Facts<'_>) -> Option<Finding> {
    match config.config.gateway.mode {
        Some(GatewayMode::Local) => None,
        None => Some(
            Finding::error("gateway-mode-unset", "gateway.mode is unset")
                .why("A start is refused until it says that the gateway is to run on this machine.")
                .command(facts.own("config set gateway.mode local")),
        ),
        Some(GatewayMode::Remote) => Some(
            Finding::info("gateway-mode-remote", "gateway.mode is remote")
                .why("Commands ask the gateway at gateway.remote.url; none starts on this machine.")
                .command(facts.own("config set gateway.mode local")),
        ),
    }
}

fn invalid(issue: &Issue, config: &ConfigFacts, facts: &Facts<'_>) -> Finding {
    let place = issue.place.clone();
    if let Some((from, to)) = config.moves.iter().find(|(from, _)| is_about(issue, from)) {
        let finding = Finding::error("key-misplaced", format!("{from} does not count; {to} does"))
            .why(REFUSED)
            .at(place);
        if !config.moves_fit {
            return finding.command(facts.own("config edit"));
        }
        let moves = config.moves.clone();
        let hash = config.snapshot.hash.clone();
        return finding.command(facts.own("doctor --fix")).repair(Repair::MoveKeys { moves, hash });
    }
    let finding = Finding::error("config-invalid", text(issue)).why(REFUSED).at(place);
    match &issue.suggestion {
        Some(suggestion) => finding.advice(suggestion),
        None => finding.command(facts.own("config edit")),
    }
}

fn text(issue: &Issue) -> String {
    let message = issue.message.trim_end_matches('.');
    if issue.path.is_empty() { message.to_owned() } else { format!("{}: {message}", issue.path) }
}

/// Whether an issue is about the key at `from`: keys of earlier versions are named themselves, others by the object
/// that they stand in.
fn is_about(issue: &Issue, from: &ConfigPath) -> bool {
    let from = from.to_string();
    let (parent, key) = from.rsplit_once('.').unwrap_or(("", &from));
    issue.path == from || (issue.path == parent && issue.message == format!("Unrecognized key: \"{key}\""))
}
