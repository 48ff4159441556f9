//! The gateway as a service: whether it is what this program would install, and whether it runs.

use crate::doctor::facts::{Facts, ServiceFacts};
use crate::doctor::finding::Finding;
use crate::profile::vars;
use crate::service::{Author, Definition, Runtime, ServiceStatus};

/// So many starts in a row are no accident.
const LOOP: u32 = 3;
/// The exit code of a start that fails again until somebody changes something.
const BLOCKED: i32 = 78;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(found) = &facts.service else { return Vec::new() };
    let definition = match &found.definition {
        Ok(None) => return Vec::new(),
        Ok(Some(definition)) => definition,
        Err(problem) => {
            return vec![
                Finding::error(
                    "service-unreadable",
                    format!("the definition of the service cannot be read: {problem}"),
                )
                .why("Whether and how the gateway is started is not known.")
                .command(again(facts)),
            ];
        }
    };
    let mut findings = written(definition, found, facts);
    findings.extend(runs(found, facts));
    findings
}

/// What the definition says.
fn written(definition: &Definition, found: &ServiceFacts, facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let program = definition.argv.first().map(String::as_str).unwrap_or_default();
    match definition.author() {
        Author::Published => findings.push(
            Finding::info("service-published", "the service runs the published program")
                .why("It does what that one does, and not what this one does.")
                .command(again(facts)),
        ),
        Author::Foreign => findings.push(
            Finding::info(
                "service-foreign",
                format!("{} was written by somebody else", facts.show(&definition.path)),
            )
            .why("What it runs is not known here.")
            .advice("look at it, and remove it when nobody needs it"),
        ),
        Author::Ours => findings.extend(found.drift.iter().map(|drift| {
            Finding::warning(
                "service-drift",
                format!("the service is not what would be installed now: {drift}"),
            )
            .why("It was installed for another configuration, or by another version. It counts as it stands.")
            .command(again(facts))
        })),
    }
    if found.has_program && is_build(program) {
        findings.push(
            Finding::warning(
                "service-program-in-build",
                format!("the service runs {program}, which a build replaces"),
            )
            .why("The next build, or a clean one, takes the program away from under it.")
            .advice(
                "put the program elsewhere, for example in ~/.local/bin, and install the service from there",
            ),
        );
    }
    if !found.has_program {
        findings.push(
            Finding::error(
                "service-program-missing",
                format!("the service runs {program}, which is not there"),
            )
            .why("It cannot be started.")
            .command(again(facts)),
        );
    }
    let secrets = [vars::GATEWAY_TOKEN, vars::GATEWAY_PASSWORD];
    if let Some(name) = secrets.into_iter().find(|name| definition.environment.contains_key(*name)) {
        let file = facts.show(&definition.path);
        findings.push(
            Finding::warning("service-secret", format!("{name} stands in {file}"))
                .why("The manager shows it to whoever asks, and it beats the configuration.")
                .command(again(facts)),
        );
    }
    findings
}

/// A path that a build writes to.
fn is_build(program: &str) -> bool {
    let parts: Vec<&str> = program.split(['/', '\\']).collect();
    parts.windows(2).any(|two| two[0] == "target" && ["debug", "release"].contains(&two[1]))
}

/// What renews a definition.
fn again(facts: &Facts<'_>) -> String {
    facts.own("gateway install --force")
}

/// What the manager says.
fn runs(found: &ServiceFacts, facts: &Facts<'_>) -> Vec<Finding> {
    let status = match &found.status {
        None => return Vec::new(),
        Some(Err(problem)) => {
            return vec![
                Finding::warning(
                    "service-unavailable",
                    format!("the service manager does not answer: {problem}"),
                )
                .why("Whether the service runs is not known.")
                .advice("log in as this user without su or sudo, or start the manager"),
            ];
        }
        Some(Ok(status)) => status,
    };
    let mut findings = Vec::new();
    let restarts = status.restarts.unwrap_or(0);
    if status.runtime == Runtime::Failed || (restarts >= LOOP && status.runtime == Runtime::Starting) {
        let message = format!("the service does not stay up{}", ending(status, restarts));
        let finding = Finding::error("service-failing", message).why("Nobody serves this profile's clients.");
        findings.push(finding.command(&found.log));
    } else if restarts >= LOOP {
        findings.push(
            Finding::warning("service-restarted", format!("the service was started again {restarts} times"))
                .why("It ended by itself each time, and disconnected everybody.")
                .command(&found.log),
        );
    }
    if !status.loaded {
        findings.push(
            Finding::warning("service-disabled", "the service is installed, and not started by itself")
                .why("After the next login or start of the machine no gateway runs.")
                .command(again(facts)),
        );
    }
    if found.lingers == Some(false) {
        findings.push(
            Finding::warning("service-not-lingering", "the service ends with this user's last session")
                .why("Nobody reaches the gateway when nobody is logged in.")
                .command(facts.own("gateway install --linger")),
        );
    }
    findings
}

fn ending(status: &ServiceStatus, restarts: u32) -> String {
    let mut text = match status.last_exit {
        Some(BLOCKED) => ": its start is refused".to_owned(),
        Some(code) => format!(": it ended with exit code {code}"),
        None => String::new(),
    };
    if restarts > 0 {
        text = format!("{text}, {restarts} starts in a row");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_writes() {
        for (path, expected) in [
            ("/home/you/clawdbot/target/release/clawdbot", true),
            ("/home/you/clawdbot/target/debug/clawdbot", true),
            ("/home/you/target/clawdbot", false),
            ("/usr/local/bin/clawdbot", false),
        ] {
            assert_eq!(is_build(path), expected, "{path}");
        }
    }
}
