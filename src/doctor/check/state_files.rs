//! The files of the state: whether their readers can read them, and what lies around.

use std::path::PathBuf;

use crate::doctor::facts::Facts;
use crate::doctor::finding::Finding;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let files = facts.files.iter().flatten();
    let mut findings: Vec<Finding> = files
        .filter_map(|file| {
            let problem = file.problem.as_ref()?;
            let (path, holds) = (facts.show(&file.path), file.holds);
            Some(
                Finding::error("state-file-damaged", format!("{path} ({holds}) cannot be read: {problem}"))
                    .why(file.consequence)
                    .command(format!("mv {0} {0}.aside", facts.quote(&file.path))),
            )
        })
        .collect();
    let Some(state) = &facts.state else { return findings };
    if let Some((named, list)) = named(&state.set_aside, facts) {
        findings.push(
            Finding::warning(
                "state-file-set-aside",
                format!("could not be read, and was moved aside: {named}"),
            )
            .why("What was in it is unknown to the gateway since.")
            .command(format!("ls -l {list}")),
        );
    }
    if let Some((named, list)) = named(&state.leftovers, facts) {
        findings.push(
            Finding::info("leftover", format!("left by writes that were interrupted: {named}"))
                .why("They take room, and nobody reads them.")
                .command(format!("rm {list}")),
        );
    }
    findings
}

/// How many files are named.
const NAMED: usize = 3;

/// The first few for people, and for a shell.
fn named(paths: &[PathBuf], facts: &Facts<'_>) -> Option<(String, String)> {
    if paths.is_empty() {
        return None;
    }
    let first = || paths.iter().take(NAMED);
    let mut shown: String = first().map(|path| facts.show(path)).collect::<Vec<_>>().join(", ");
    if paths.len() > NAMED {
        shown = format!("{shown}, and {} more", paths.len() - NAMED);
    }
    Some((shown, first().map(|path| facts.quote(path)).collect::<Vec<_>>().join(" ")))
}
