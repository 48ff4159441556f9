//! The published gateway as a command: replaced under clients that never stop coming.

use std::time::Duration;

use crate::support::edits::Save;
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness;
use crate::support::home::Home;
use crate::support::peer::{Peer, SLOW};

/// How often it is replaced.
const SWAPS: usize = 2;
/// Clients that wait at once, and come to the next one when it is ready. Its queue holds 511.
const WAITING: usize = 2000;

#[test]
fn the_published_gateway_is_swapped_without_a_connection_refused_or_reset() {
    let Some(peer) = Peer::find() else { return };
    let home = Home::new();
    let file = home.write("project/file", "one");
    let command = format!("'{}' gateway --port {{port}}", peer.program().display());
    let harness = harness::in_home(&home)
        .arg("--exec")
        .arg(command)
        .arg("--ready=hello")
        .arg("--ready-timeout=200s")
        .arg("--watch")
        .arg(file.parent().unwrap().display().to_string())
        .env("CLAWDBOT_DISABLE_BONJOUR", "1")
        .env("CLAWDBOT_SKIP_BROWSER_CONTROL_SERVER", "1")
        .spawn();
    let ready = harness.try_wait(0, SLOW, |event| event.is("ready"));
    assert_eq!(ready.unwrap_or_else(|error| panic!("{error}\n{}", harness.stderr())).value["tier"], "port");
    let hammer = Hammer::patient(harness.address(), Traffic::Challenge, SLOW, WAITING);
    for swap in 0..SWAPS {
        let mark = harness.mark();
        Save::Plain.write(&file, &format!("swap {swap}"));
        let reloaded = harness.try_wait(mark, SLOW, |event| event.is("reloaded"));
        reloaded.unwrap_or_else(|error| panic!("{error}\n{}", harness.stderr()));
    }
    let tally = hammer.stop();
    tally.assert_served(SLOW);
    // On a slow machine all of them wait for the last swap, and none comes after them.
    assert!(
        tally.sent() >= WAITING && tally.worst() > Duration::from_millis(500),
        "{} connections",
        tally.sent()
    );
    assert_eq!(harness.stop().code(), Some(0));
}
