//! Every check, one after the other.

use super::{
    auth, clock, config, gateway, instance, limits, port, secrets, service, state_directory, state_files,
    tailscale,
};
use crate::doctor::facts::Facts;
use crate::doctor::finding::{Check, Finding};

type Judge = fn(&Facts<'_>) -> Vec<Finding>;

/// Who judges what.
const ALL: [(Check, Judge); 12] = [
    (Check::Config, config::check),
    (Check::Secrets, secrets::check),
    (Check::StateDirectory, state_directory::check),
    (Check::StateFiles, state_files::check),
    (Check::Limits, limits::check),
    (Check::Service, service::check),
    (Check::Instance, instance::check),
    (Check::Port, port::check),
    (Check::Auth, auth::check),
    (Check::Tailscale, tailscale::check),
    (Check::Gateway, gateway::check),
    (Check::Clock, clock::check),
];

/// Everything that is wrong, and what could not be looked at.
pub(in crate::doctor) fn judge(facts: &Facts<'_>) -> Vec<(Check, Finding)> {
    let found =
        ALL.iter().flat_map(|(check, judge)| judge(facts).into_iter().map(|finding| (*check, finding)));
    found.chain(facts.late.iter().map(|check| (*check, late(*check)))).collect()
}

fn late(check: Check) -> Finding {
    let what = check.title().to_lowercase();
    Finding::warning("not-examined", format!("looking at this took too long: {what}"))
        .why("A disk, a network, or a program does not answer.")
        .advice("try again, with more time: --timeout 10000")
}
