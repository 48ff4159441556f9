//! Generations that write into what is watched: no loop, and a note that names the file.

use crate::support::edits::Save;
use crate::support::faults::{Fault, Program};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::wait;

#[test]
fn a_generation_that_writes_into_its_workspace_does_not_loop() {
    let home = Home::new();
    let program = Program::install(&home);
    let harness = harness::in_home(&home).binary(program.path()).start().armed();
    let mark = harness.mark();
    program.replace(Fault::WritesWorkspace);
    harness.reloaded(mark);
    wait::pass(wait::VIGIL * 3);
    let before = harness.health().generation;
    let mark = harness.mark();
    Save::Plain.write(&home.workspace().join("AGENTS.md"), "# One edit by a person\n");
    harness.reloaded(mark);
    wait::pass(wait::VIGIL * 5);
    let generations = harness.health().generation - before;
    assert!((1..=2).contains(&generations), "{generations} generations for one edit");
    let noted = harness.since(0).iter().any(|event| {
        event.is("quarantined")
            && event.value["path"].as_str().is_some_and(|path| path.ends_with("written-at-start.md"))
    });
    assert!(noted, "the file is named: {:#?}", harness.since(0));
}

#[test]
fn sessions_and_logs_of_the_gateway_are_no_edits() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    harness.assert_no_reload("the state of the gateway", || {
        home.write(".clawdbot-dev/agents/dev/sessions/sessions.json", "{\"a\":1}\n");
        home.write(".clawdbot-dev/logs/gateway.log.1", "line\n");
        home.write(".clawdbot-dev/devices/paired.json", "{}\n");
    });
}
