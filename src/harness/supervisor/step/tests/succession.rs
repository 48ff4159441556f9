//! Commands: one after another, or one beside another.

use super::*;

fn command(succession: Succession) -> Bench {
    let mut bench = Bench::new();
    bench.state.succession = succession;
    bench.feed(Event::Ready(G1)).feed(Event::Serving(G1, summary(G1)));
    bench.after(2000 * MS).feed(Event::Deadline);
    bench.actions.clear();
    bench
}

#[test]
fn a_command_that_may_not_run_twice_ends_before_the_next_one_starts() {
    let mut bench = command(Succession::After);
    bench.edit("a", Some(PlanId(2)));
    assert_eq!(bench.did(), [&Action::Drain { generation: G1, restart_expected_ms: None }]);
    assert!(bench.edit("b", None).did().is_empty(), "what changes meanwhile is taken along");
    assert!(
        bench.feed(Event::Exited(G1, died("exit code 0"))).did().is_empty(),
        "something of it may be left"
    );
    bench.feed(Event::Gone(G1));
    assert_eq!(bench.did(), [&Action::Spawn { generation: G2, plan: PlanId(2) }]);
    bench.feed(Event::Ready(G2)).feed(Event::Serving(G2, summary(G2)));
    assert!(bench.did().is_empty() && bench.told().len() == 1, "both edits are in it: {:?}", bench.actions);
}

#[test]
fn a_command_that_ignores_its_signal_is_killed_at_the_limit() {
    let mut bench = command(Succession::After);
    bench.edit("a", None).after(2000 * MS).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Kill(G1)]);
    assert!(matches!(bench.told()[..], [Notice::Escalated { signal: "SIGKILL", .. }]));
    bench.after(2800 * MS).feed(Event::Deadline);
    assert_eq!(
        bench.did(),
        [&Action::Spawn { generation: G2, plan: PlanId(1) }],
        "it is not waited for any more"
    );

    let mut bench = command(Succession::Beside);
    bench.edit("a", None).feed(Event::Ready(G2)).feed(Event::Released(G1));
    bench.feed(Event::Serving(G2, summary(G2))).after(2000 * MS).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Kill(G1)], "its first notice was a signal");
}

#[test]
fn an_edit_replaces_a_command_that_gets_ready() {
    let mut bench = command(Succession::Beside);
    bench.edit("a", None);
    bench.edit("b", None);
    assert_eq!(bench.did(), [&Action::Kill(G2), &Action::Spawn { generation: G3, plan: PlanId(1) }]);
    let mut bench = Bench::new();
    bench.state.succession = Succession::After;
    bench.edit("a", None);
    assert_eq!(bench.did(), [&Action::Drain { generation: G1, restart_expected_ms: None }]);
    assert_eq!(bench.feed(Event::Gone(G1)).did(), [&Action::Spawn { generation: G2, plan: PlanId(1) }]);
}

#[test]
fn a_command_that_is_done_waits_for_an_edit() {
    let mut bench = command(Succession::After);
    bench.feed(Event::Exited(G1, Exit { reason: String::new(), kind: ExitKind::Done })).feed(Event::Gone(G1));
    assert!(bench.did().is_empty());
    for _ in 0..3 {
        let deadline = bench.state.deadline().unwrap();
        bench.now = deadline;
        assert!(bench.feed(Event::Deadline).did().is_empty());
    }
    bench.edit("a", None);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G2, plan: PlanId(1) }]);
}

#[test]
fn a_command_never_gets_an_old_configuration_back() {
    let mut bench = command(Succession::After);
    bench.edit("config", Some(PlanId(2))).feed(Event::Gone(G1));
    bench.feed(Event::Ready(G2)).feed(Event::Serving(G2, summary(G2)));
    bench.after(500 * MS).feed(Event::Exited(G2, died("signal 11")));
    assert!(matches!(bench.told()[..], [Notice::Crashed { rollback: false, .. }]));
    assert_eq!(bench.state.plan, PlanId(2));
}
