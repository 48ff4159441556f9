//! The gateway that runs: whether it answers, whose it is, and whether it is this version.

use crate::doctor::facts::{Answer, Facts};
use crate::doctor::finding::Finding;
use crate::service::Runtime;

/// This program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    match &facts.answer {
        None => Vec::new(),
        Some(Answer::Silent { url, cause }) => vec![
            Finding::error("gateway-silent", format!("the gateway at {url} does not answer: {cause}"))
                .why("Clients wait for it in vain.")
                .command(format!("tail -n 20 {}", facts.quote(&facts.paths.log_file))),
        ],
        Some(Answer::Refuses { url, reason }) => vec![
            Finding::warning(
                "gateway-refuses",
                format!("the gateway at {url} does not let this profile in: {reason}"),
            )
            .why("It runs with another token or password than this configuration and environment have.")
            .command(facts.own("config explain")),
        ],
        Some(Answer::Hello { url, version, other_state, .. }) => {
            let foreign = other_state.as_ref().map(|state| {
                Finding::error(
                    "gateway-foreign",
                    format!("the gateway at {url} uses the state {}", facts.show(state)),
                )
                .why("What is asked of this profile's gateway is answered by another one.")
                .command(facts.own("config explain"))
            });
            let skew = (version != VERSION).then(|| {
                Finding::warning(
                    "version-skew",
                    format!("the gateway that runs is {version}, this program is {VERSION}"),
                )
                .why("What one of them can do, the other may not know.")
                .command(restart(facts))
            });
            foreign.into_iter().chain(skew).collect()
        }
    }
}

/// What replaces the gateway that runs.
fn restart(facts: &Facts<'_>) -> String {
    let service = facts.service.as_ref().and_then(|service| service.status.as_ref()?.as_ref().ok());
    if service.is_some_and(|status| status.runtime == Runtime::Running) {
        facts.own("gateway restart")
    } else {
        facts.own("gateway --force")
    }
}
