//! What the published gateway answers, and whether ours answers the same.
//!
//! `fixtures/protocol/scripts` holds exchanges with the published gateway, recorded by `record` below: another step
//! or another file is another case. Every answer of ours that is not the same is listed, with its reason, in
//! `fixtures/protocol/differences.json`; what is listed there must still differ.

mod differences;
mod http;
mod play;
mod redact;
mod script;

use std::collections::BTreeSet;
use std::fs;

use differences::Differences;
use play::Played;

use crate::support::foreground::Started;
use crate::support::home::Home;
use crate::support::peer::Peer;
use crate::support::program::inherited;

#[test]
fn our_answers_are_those_of_the_published_gateway() {
    if let Some(only) = inherited("CLAWDBOT_RECORD").filter(|only| !only.is_empty()) {
        record(&only);
    }
    let mut found = Vec::new();
    let mut unserved = BTreeSet::new();
    for (_, name, script) in script::all() {
        let home = Home::new();
        play::furnish(&script, &home);
        let gateway = Started::new(&home, &["gateway", "--port", "0"]);
        let played = play::play(&script, &home, gateway.address());
        unserved.extend(played.unserved);
        for (step, ours) in script.steps.iter().zip(played.answers) {
            let place = format!("{name}/{} ", step.name);
            if let (Some(theirs), Some(ours)) = (&step.answer, ours) {
                differences::compare(&place, theirs, &ours, &mut found);
            }
        }
    }
    let lines = Differences::read().contradictions(&found, &unserved);
    assert!(lines.is_empty(), "{} contradictions:\n{}", lines.len(), lines.join("\n"));
}

/// Records the answers of the published gateway anew: those of the script with this name, or of `all`.
/// `dev/CONTRIBUTING.md` says how.
fn record(only: &str) {
    let peer = Peer::find().expect("nothing can be recorded without the published gateway");
    for (path, name, mut script) in script::all() {
        if only != "all" && only != name {
            continue;
        }
        let home = Home::new();
        play::furnish(&script, &home);
        let gateway = peer.gateway(&home);
        let Played { answers, .. } = play::play(&script, &home, gateway.address());
        gateway.stop();
        for (step, answer) in script.steps.iter_mut().zip(answers) {
            step.answer = answer;
        }
        fs::write(path, script.render()).unwrap();
    }
}
