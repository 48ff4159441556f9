//! What a replay has found, for people and for scripts.

mod json;
mod screen;

use std::time::Duration;

use crate::capsule::Manifest;
use crate::capsule::replay::{BUILT_IN, Findings, NEVER_SENT, Script, Speed};
use crate::platform::host;

/// The result of a replay.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) findings: Findings,
    /// What could not be repeated.
    pub(crate) notes: Vec<String>,
    /// Whether it was stopped because too much did not come.
    pub(crate) is_given_up: bool,
    /// From the start to the first message.
    pub(crate) ready: Duration,
    /// From the start to the end.
    pub(crate) took: Duration,
}

/// What is about to happen.
pub(crate) fn announcement(script: &Script<'_>, speed: Speed) -> String {
    let (messages, connections) = (script.messages(), script.connections());
    let how = match speed {
        Speed::Max => "as fast as the answers come".to_owned(),
        Speed::Times(times) => {
            let seconds = Duration::from_millis(script.lasted_ms()).as_secs_f64() / times;
            format!("in about {seconds:.1} s")
        }
    };
    format!("replaying {messages} messages of {connections} connections, {how}")
}

/// What cannot be repeated.
pub(crate) fn notes(script: &Script<'_>, manifest: &Manifest) -> Vec<String> {
    let mut notes = Vec::new();
    let here = host::target();
    if manifest.platform != here {
        notes.push(format!(
            "the capsule was made on {}, and this is {here}: what depends on the system may differ",
            manifest.platform
        ));
    }
    if manifest.recording.as_ref().is_some_and(|recording| !recording.is_whole) {
        notes.push(
            "the oldest part of the recording is gone: the profile is older than its first message"
                .to_owned(),
        );
    }
    let begun = script.begun_before();
    if begun > 0 {
        notes
            .push(format!("{begun} connections had begun before the recording; nothing of them is repeated"));
    }
    if script.missed() > 0 {
        notes.push(format!("the recording lacks {} events, because the disk was too slow", script.missed()));
    }
    let withheld = script.withheld();
    for (method, why) in NEVER_SENT {
        let count = withheld.iter().filter(|withheld| **withheld == method).count();
        if count > 0 {
            notes.push(format!("{count} × {method} was not sent: {why}"));
        }
    }
    notes
}

/// What may differ, and how more is named.
pub(crate) fn rules(columns: Option<usize>) -> String {
    let width = BUILT_IN.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let room = columns.unwrap_or(100).clamp(40, 100).saturating_sub(width + 4);
    let mut lines = vec!["What never counts as a difference:".to_owned()];
    let mut row = |name: &str, about: &str| {
        let mut line = format!("  {name:width$} ");
        let mut used = 0;
        for word in about.split(' ') {
            if used > 0 && used + word.chars().count() + 1 > room {
                lines.push(std::mem::replace(&mut line, " ".repeat(width + 3)));
                used = 0;
            }
            line = format!("{line} {word}");
            used += word.chars().count() + 1;
        }
        lines.push(line);
    };
    for (name, about) in BUILT_IN {
        row(name, about);
    }
    lines.extend(
        [
            "",
            "What --ignore takes; * is any name:",
            "  event:presence       events of this name; they are not waited for either",
            "  method:sessions.*    answers to these methods",
            "  path:payload.a.*.b   members at this place, with all below; ** is any way",
            "  path:**.model@status the same, in answers to this method or events of this name",
            "  close                codes and reasons of closes",
        ]
        .map(str::to_owned),
    );
    lines.join("\n")
}
