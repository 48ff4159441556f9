//! Killing until nothing is left.

use std::time::{Duration, Instant};

use crate::platform::process::{
    Children, ExitReport, Happened, Reaped, Signal, Target, descendants, reap, signal,
};

/// How long processes may take to die of SIGKILL. Longer only helps those that wait for a broken disk, and
/// nothing helps them.
const LIMIT: Duration = Duration::from_secs(5);

/// Kills the child `main`, its group, and every process that descends from this one, and collects them. Calls
/// `exited` once, when `main` is collected. Returns the pids of those that survive, which is nobody unless the
/// system is in trouble.
///
/// Each round kills what it sees. What it misses, because it was just being born, becomes our child when its
/// parent dies of this round, and that death starts the next round; so the end is reached when the system says
/// that there are no children, and not before.
pub(super) fn kill_everything(
    children: &Children,
    main: u32,
    mut exited: impl FnMut(ExitReport),
) -> Vec<u32> {
    let deadline = Instant::now() + LIMIT;
    // At once and as a whole, so that a group that multiplies cannot outrun us. Until the child is collected,
    // no other group can have its number.
    signal(Target::Group(main), Signal::KILL);
    loop {
        match reap(None) {
            Reaped::NoChildren => return Vec::new(),
            Reaped::Child(pid, report) => {
                if pid == main {
                    exited(report);
                }
                continue;
            }
            Reaped::NoneYet => {}
        }
        for pid in descendants() {
            signal(Target::Process(pid), Signal::KILL);
        }
        if !matches!(children.wait(None, Some(deadline)), Ok(Happened::Child)) {
            return descendants().into_iter().collect();
        }
    }
}
