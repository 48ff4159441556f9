//! The state directory itself: whether it is one, whose it is, and where it lies.

use crate::doctor::facts::{Facts, Standing, StateFacts};
use crate::doctor::finding::{Finding, Repair};

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let Some(state) = &facts.state else { return Vec::new() };
    let path = facts.show(&facts.paths.state_dir);
    let quoted = facts.quote(&facts.paths.state_dir);
    match state.standing {
        Standing::Missing => vec![
            Finding::info("state-missing", format!("there is no {path} yet"))
                .why("The first start makes it.")
                .command(format!("mkdir -m 700 {quoted}"))
                .repair(Repair::MakeDirectory(facts.paths.state_dir.clone())),
        ],
        Standing::BrokenLink => vec![
            Finding::error("state-broken-link", format!("{path} is a link that leads nowhere"))
                .why("No gateway can keep its state there.")
                .command(format!("ls -l {quoted}")),
        ],
        Standing::NoDirectory => vec![
            Finding::error("state-no-directory", format!("{path} is not a directory"))
                .why("No gateway can keep its state there.")
                .command(format!("mv {quoted} {quoted}.aside")),
        ],
        Standing::Directory => [
            foreign(state, facts),
            unwritable(state, facts),
            open(state, facts),
            foreign_entries(state, facts),
            synchronised(state, facts),
            on_a_network(state, facts),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn is_ours(state: &StateFacts, facts: &Facts<'_>) -> bool {
    state.owner.is_none() || facts.user.is_none() || state.owner == facts.user
}

/// Gives everything below the directory to whoever asks.
fn take_over(state: &StateFacts, facts: &Facts<'_>) -> String {
    format!("sudo chown -R \"$(id -u):$(id -g)\" {}", facts.quote(&state.real))
}

fn foreign(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let owner = state.owner.filter(|_| !is_ours(state, facts))?;
    let path = facts.show(&state.real);
    Some(
        Finding::error("state-foreign", format!("{path} belongs to user id {owner}"))
            .why("Its owner can read and change everything in it.")
            .command(take_over(state, facts)),
    )
}

fn unwritable(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let problem = state.unwritable.as_ref()?;
    let path = facts.show(&state.real);
    let finding = Finding::error("state-unwritable", format!("nothing can be written in {path}: {problem}"))
        .why("A gateway does not start without a place for its state.");
    let quoted = facts.quote(&state.real);
    Some(if is_ours(state, facts) { finding.command(format!("chmod u+rwx {quoted}")) } else { finding })
}

fn open(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let mode = state.mode.filter(|mode| mode & 0o077 != 0)?;
    let finding = Finding::warning(
        "state-open",
        format!("others may enter or list {} (mode {mode:04o})", facts.show(&state.real)),
    )
    .why("It holds tokens, keys, and conversations.")
    .command(format!("chmod go= {}", facts.quote(&state.real)));
    let repair = Repair::Restrict { path: state.real.clone(), allowed: 0o700 };
    Some(if is_ours(state, facts) { finding.repair(repair) } else { finding })
}

fn foreign_entries(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let first = state.foreign.first().filter(|_| is_ours(state, facts))?;
    let others = match state.foreign.len() - 1 {
        0 => "belongs to another user".to_owned(),
        more => format!("and {more} more belong to other users"),
    };
    Some(
        Finding::error("state-entries-foreign", format!("{} {others}", facts.show(first)))
            .why("That is what running a gateway with sudo leaves; it cannot be written without.")
            .command(take_over(state, facts)),
    )
}

fn synchronised(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let by = state.synchronised_by?;
    Some(
        Finding::warning(
            "state-synchronised",
            format!("{} lies in a folder of {by}", facts.show(&state.real)),
        )
        .why("What two machines write is mixed, and secrets go elsewhere.")
        .advice("set CLAWDBOT_STATE_DIR to a directory of this machine alone, and move the files there"),
    )
}

fn on_a_network(state: &StateFacts, facts: &Facts<'_>) -> Option<Finding> {
    let kind = state.network?;
    Some(
        Finding::warning("state-on-network", format!("{} is on {kind}", facts.show(&state.real)))
            .why("Locks and reports of changes may not work there.")
            .advice("set CLAWDBOT_STATE_DIR to a directory on a disk of this machine"),
    )
}
