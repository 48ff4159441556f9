//! Who runs on the state: one gateway, and commands have to find it.

use crate::doctor::facts::Facts;
use crate::doctor::finding::{Finding, Repair};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(found) = &facts.instance else { return Vec::new() };
    let runtime_file = facts.show(&facts.paths.runtime_file);
    let mut findings = Vec::new();
    if let Some(problem) = &found.problem {
        let lock = facts.show(&facts.paths.gateway_lock);
        findings.push(
            Finding::error("lock-unusable", format!("{lock} cannot be used: {problem}"))
                .why("A gateway does not start without it.")
                .command(format!("mv {0} {0}.aside", facts.quote(&facts.paths.gateway_lock))),
        );
    } else if found.has_runtime_file && !found.is_locked && found.running.is_none() {
        findings.push(
            Finding::warning("runtime-file-stale", format!("{runtime_file} is about a gateway that is gone"))
                .why("It was killed, or the machine went down. The next start replaces the file.")
                .command(format!("rm {}", facts.quote(&facts.paths.runtime_file)))
                .repair(Repair::RemoveRuntimeFile),
        );
    } else if found.is_locked && found.running.is_none() {
        findings.push(
            Finding::warning(
                "runtime-file-missing",
                format!("a gateway runs, and {runtime_file} does not say where"),
            )
            .why("Commands find it by that file, and otherwise try the port of the configuration.")
            .advice("restart the gateway"),
        );
    }
    if let Some(pid) = found.published {
        let finding = if found.is_locked {
            Finding::error(
                "two-gateways",
                format!("the published program (pid {pid}) runs on the same state"),
            )
        } else {
            Finding::warning(
                "published-gateway",
                format!("the published program (pid {pid}) runs on this state"),
            )
        };
        findings.push(
            finding
                .why("Two gateways overwrite each other's sessions and pairings.")
                .command(format!("kill {pid}")),
        );
    }
    if !found.is_locked && found.running.is_none() && found.published.is_none() {
        let start =
            if facts.paths.dev_mode { "clawdbot gateway --dev".to_owned() } else { facts.own("gateway") };
        findings.push(Finding::info("gateway-not-running", "no gateway runs").command(start));
    }
    findings
}
