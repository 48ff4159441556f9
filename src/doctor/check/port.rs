//! Who holds the port.

use crate::doctor::facts::{Facts, PortFacts};
use crate::doctor::finding::Finding;
use crate::platform::ports::{Origin, PortHolder};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(found) = &facts.port else { return Vec::new() };
    let instance = facts.instance.as_ref();
    let running = instance.and_then(|instance| instance.running);
    let is_ours = running.is_some() && found.holders.iter().any(|holder| holder.pid() == running);
    // A harness holds the port between two generations, and a gateway may be about to say where it is.
    let is_starting =
        instance.is_some_and(|instance| instance.has_harness || instance.is_locked) && running.is_none();
    if is_ours || is_starting {
        return Vec::new();
    }
    found.holders.first().map(|holder| taken(holder, found, running.is_some(), facts)).into_iter().collect()
}

fn taken(holder: &PortHolder, found: &PortFacts, runs_elsewhere: bool, facts: &Facts<'_>) -> Finding {
    let port = found.port;
    let who = match &holder.process {
        Some(process) => format!("{} (pid {}, {})", process.command, process.pid, holder.owner()),
        None => format!("a process of {}", holder.owner()),
    };
    let message = format!("port {port} is held by {who}");
    let finding = if runs_elsewhere {
        Finding::warning("port-taken-by-other", message)
            .why("This profile's gateway listens elsewhere, and would not start there again.")
    } else {
        Finding::error("port-taken", message).why("A start is refused, because the address is in use.")
    };
    let origin = holder.process.as_ref().and_then(|process| process.origin.as_ref());
    // Whoever it is may be needed: nobody is told to end a process that no manager would end.
    finding.command(match origin.and_then(Origin::stop_command) {
        Some(command) => command,
        None => facts.own(&format!("gateway --port {}", other(port))),
    })
}

/// Another port.
fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(port - 1)
}
