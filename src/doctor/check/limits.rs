//! Limits of the system: disk, open files, watches.

use crate::doctor::facts::{Facts, Unwatchable};
use crate::doctor::finding::Finding;
use crate::platform::disk::Room;

/// Below this a gateway cannot keep its state for long.
const ALMOST_FULL: u64 = 32 << 20;
/// Below this the disk is full some day soon.
const NEARLY_FULL: u64 = 512 << 20;
/// Below this a gateway has less room for clients than a browser opens.
const FEW_FILES: u64 = 512;
/// Watches that a workspace of some size needs.
const FEW_WATCHES: u64 = 8_192;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let room = facts.state.as_ref().and_then(|state| state.room);
    let mut findings: Vec<Finding> = room.and_then(|room| disk(room, facts)).into_iter().collect();
    let Some(limits) = &facts.limits else { return findings };
    if limits.open_files < FEW_FILES {
        findings.push(
            Finding::warning("few-open-files", format!("a process may open {} files", limits.open_files))
                .why("Every client takes one; the ones that find none are turned away.")
                .command("ulimit -n 65536"),
        );
    }
    let sysctl = |name: &str, value: u64| format!("sudo sysctl fs.inotify.{name}={value}");
    let watches = || limits.watches.map_or_else(String::new, |watches| format!(" (of {watches})"));
    match limits.unwatchable {
        Some(Unwatchable::Watches) => findings.push(
            Finding::warning("no-watch-left", format!("no inotify watch is left{}", watches()))
                .why("Edits are looked for every second or two instead.")
                .command(sysctl("max_user_watches", 524_288)),
        ),
        Some(Unwatchable::Instances) => findings.push(
            Finding::warning("no-watcher-left", "no inotify instance is left")
                .why("Edits are looked for every second or two instead.")
                .command(sysctl(
                    "max_user_instances",
                    limits.instances.unwrap_or(0).saturating_mul(2).max(1024),
                )),
        ),
        None => findings.extend(limits.watches.filter(|watches| *watches < FEW_WATCHES).map(|watches| {
            Finding::info("few-watches", format!("the system allows {watches} inotify watches"))
                .why("`gateway --dev` needs one for every directory of the workspace.")
                .command(sysctl("max_user_watches", 524_288))
        })),
    }
    findings
}

fn disk(room: Room, facts: &Facts<'_>) -> Option<Finding> {
    let directory = facts.show(&facts.paths.state_dir);
    let why = "Sessions, pairings, and the log can no longer be written then.";
    let left = room.bytes >> 20;
    let finding = if room.files == Some(0) {
        Finding::error("disk-full", format!("the disk of {directory} has no room for another file"))
    } else if room.bytes < ALMOST_FULL {
        Finding::error("disk-full", format!("the disk of {directory} has {left} MiB left"))
    } else if room.bytes < NEARLY_FULL {
        Finding::warning("disk-nearly-full", format!("the disk of {directory} has {left} MiB left"))
    } else {
        return None;
    };
    Some(finding.why(why).command(format!("df -h {}", facts.quote(&facts.paths.home))))
}
