//! Scenarios, one per row of the flow in `dev/ARCHITECTURE.md`, and properties over arbitrary event sequences.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::harness::ipc::StartupSummary;
use crate::harness::supervisor::state::Limits;
use crate::watch::Cause;

mod succession;

const MS: Duration = Duration::from_millis(1);

/// A supervisor under test, with a clock of its own.
struct Bench {
    state: State,
    now: Instant,
    actions: Vec<Action>,
}

fn summary(generation: Generation) -> Service {
    Service::Gateway(StartupSummary {
        model: "anthropic/claude-opus-4-5".to_owned(),
        urls: vec!["ws://127.0.0.1:1".to_owned()],
        tls_fingerprint: None,
        pid: 1000 + u32::try_from(generation.0).unwrap(),
    })
}

fn edit(name: &str) -> Vec<Trigger> {
    vec![Trigger::File { cause: Cause::Workspace, path: name.into(), keys: Vec::new() }]
}

fn died(reason: &str) -> Exit {
    Exit { reason: reason.to_owned(), kind: ExitKind::Died }
}

const G1: Generation = Generation(1);
const G2: Generation = Generation(2);
const G3: Generation = Generation(3);

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let state = State::new(PlanId(1), Limits::default(), 7, now);
        let mut bench = Self { state, now, actions: Vec::new() };
        bench.feed(Event::Deadline);
        bench
    }

    /// One generation serves and has outlived its probation.
    fn serving() -> Self {
        let mut bench = Self::new();
        bench.feed(Event::Ready(G1));
        bench.after(3 * MS).feed(Event::Serving(G1, summary(G1)));
        bench.after(2000 * MS).feed(Event::Deadline);
        bench.actions.clear();
        bench
    }

    fn after(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    fn feed(&mut self, event: Event) -> &mut Self {
        let (state, actions) = step(self.state.clone(), event, self.now);
        self.state = state;
        self.actions = actions;
        self
    }

    fn edit(&mut self, name: &str, plan: Option<PlanId>) -> &mut Self {
        let at = self.now;
        self.feed(Event::Changed { triggers: edit(name), plan, at })
    }

    /// Actions of the last event without notices.
    fn did(&self) -> Vec<&Action> {
        self.actions.iter().filter(|action| !matches!(action, Action::Tell(_))).collect()
    }

    fn told(&self) -> Vec<&Notice> {
        let notice = |action: &'_ Action| matches!(action, Action::Tell(_));
        self.actions
            .iter()
            .filter(|action| notice(action))
            .filter_map(|action| match action {
                Action::Tell(notice) => Some(notice),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn first_generation_starts_and_serves() {
    let mut bench = Bench::new();
    assert_eq!(bench.did(), [&Action::Spawn { generation: G1, plan: PlanId(1) }]);
    assert_eq!(bench.feed(Event::Ready(G1)).did(), [&Action::Activate(G1)]);
    bench.feed(Event::Serving(G1, summary(G1)));
    assert!(matches!(bench.told()[..], [Notice::Serving { generation: G1, .. }]));
}

#[test]
fn an_edit_swaps_without_waiting_for_the_old_exit() {
    let mut bench = Bench::serving();
    bench.edit("a", None);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G2, plan: PlanId(1) }]);
    bench.after(2 * MS).feed(Event::Ready(G2));
    assert_eq!(bench.did(), [&Action::Drain { generation: G1, restart_expected_ms: Some(3) }]);
    bench.after(MS).feed(Event::Released(G1));
    assert_eq!(bench.did(), [&Action::Activate(G2)]);
    bench.after(4 * MS).feed(Event::Serving(G2, summary(G2)));
    let [Notice::Serving { timing, .. }] = bench.told()[..] else { panic!("{:?}", bench.actions) };
    assert_eq!(
        *timing,
        Timing { debounce: Duration::ZERO, prepare: 2 * MS, drain: MS, activate: 4 * MS, total: 7 * MS }
    );
    assert_eq!(bench.state.generations(), [G1, G2], "the old one is still owned");
    bench.feed(Event::Exited(G1, died("exit code 0"))).feed(Event::Gone(G1));
    assert_eq!(bench.state.generations(), [G2]);
}

#[test]
fn what_clients_are_told_is_the_median_of_measured_gaps() {
    let mut bench = Bench::serving();
    for (number, gap) in [(2, 10), (3, 20), (4, 30)] {
        let (old, new) = (Generation(number - 1), Generation(number));
        bench.edit("a", None).feed(Event::Ready(new));
        bench.feed(Event::Released(old)).after(gap * MS).feed(Event::Serving(new, summary(new)));
        bench.feed(Event::Gone(old));
    }
    bench.edit("a", None).feed(Event::Ready(Generation(5)));
    let expected = Action::Drain { generation: Generation(4), restart_expected_ms: Some(20) };
    assert_eq!(bench.did(), [&expected]);
}

#[test]
fn a_candidate_that_dies_leaves_the_old_one_alone() {
    let mut bench = Bench::serving();
    bench.edit("a", Some(PlanId(2)));
    bench.feed(Event::Exited(G2, died("exit code 1")));
    assert_eq!(bench.did(), Vec::<&Action>::new(), "no retry until something changes");
    assert!(matches!(bench.told()[..], [Notice::Kept { pid: 1001, .. }]));
    assert_eq!(bench.state.plan, PlanId(1), "the next edit uses the plan that works");
}

#[test]
fn a_candidate_that_hangs_is_killed_at_the_limit() {
    let mut bench = Bench::serving();
    bench.edit("a", None);
    bench.after(10_000 * MS).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Kill(G2)]);
    assert!(matches!(bench.told()[..], [Notice::Kept { .. }]));
}

#[test]
fn an_old_one_that_does_not_release_is_killed_and_replaced() {
    let mut bench = Bench::serving();
    bench.edit("a", None).feed(Event::Ready(G2));
    bench.after(1000 * MS).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Kill(G1)]);
    bench.feed(Event::Exited(G1, died("signal 9")));
    assert_eq!(bench.did(), [&Action::Activate(G2)]);
}

#[test]
fn an_edit_during_a_swap_goes_round_once_more() {
    let mut bench = Bench::serving();
    bench.edit("a", None);
    bench.edit("b", Some(PlanId(2)));
    bench.feed(Event::Ready(G2)).feed(Event::Released(G1));
    bench.edit("b", None);
    bench.feed(Event::Serving(G2, summary(G2)));
    assert_eq!(bench.did(), [&Action::Spawn { generation: G3, plan: PlanId(2) }]);
    assert!(
        matches!(bench.told()[1], Notice::Starting { triggers, .. } if *triggers == edit("b")),
        "each cause is named once"
    );
}

#[test]
fn a_crash_is_retried_with_growing_delay_and_at_once_on_an_edit() {
    let mut bench = Bench::serving();
    bench.feed(Event::Exited(G1, died("signal 9")));
    assert!(matches!(bench.told()[..], [Notice::Crashed { retry_in: Some(Duration::ZERO), .. }]));
    bench.feed(Event::Deadline).feed(Event::Exited(G2, died("signal 9")));
    let delay = bench.state.deadline().unwrap() - bench.now;
    assert!(delay >= 75 * MS && delay <= 100 * MS, "{delay:?}");
    bench.feed(Event::Deadline);
    assert_eq!(bench.did(), Vec::<&Action>::new(), "not before its time");
    bench.edit("a", None);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G3, plan: PlanId(1) }]);
    assert_eq!(bench.state.attempt, 0);
}

#[test]
fn a_death_on_probation_brings_the_last_good_plan_back() {
    let mut bench = Bench::serving();
    bench.edit("config", Some(PlanId(2)));
    bench.feed(Event::Ready(G2)).feed(Event::Released(G1)).feed(Event::Serving(G2, summary(G2)));
    bench.after(500 * MS).feed(Event::Exited(G2, died("signal 11")));
    assert!(matches!(bench.told()[..], [Notice::Crashed { rollback: true, .. }]));
    bench.feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G3, plan: PlanId(1) }]);
}

#[test]
fn a_configuration_is_taken_over_in_place_only_by_who_serves_undisturbed() {
    let applicable = |plan| Event::Applicable {
        triggers: edit("clawdbot.json"),
        waiting: Vec::new(),
        plan: PlanId(plan),
        at: Instant::now(),
    };
    let mut bench = Bench::serving();
    bench.feed(applicable(2));
    assert!(
        matches!(bench.did()[..], [Action::Apply { generation: G1, plan: PlanId(2), .. }]),
        "{:?}",
        bench.actions
    );
    assert!(bench.state.plans().contains(&PlanId(2)), "it is what a later generation starts with");
    bench.feed(Event::Deadline);
    assert_eq!(bench.state.good_plan, Some(PlanId(2)), "a generation that has proved itself vouches for it");

    bench.edit("a", None);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G2, plan: PlanId(2) }]);
    assert_eq!(bench.feed(applicable(3)).did(), [] as [&Action; 0], "in the middle of a reload it waits");
    bench.feed(Event::Ready(G2)).feed(Event::Released(G1)).feed(Event::Serving(G2, summary(G2)));
    assert_eq!(bench.did(), [&Action::Spawn { generation: G3, plan: PlanId(3) }]);
}

#[test]
fn a_hung_generation_is_killed_and_replaced() {
    let mut bench = Bench::serving();
    bench.after(15_000 * MS).feed(Event::Deadline);
    let [Action::Ping(G1, nonce)] = bench.did()[..] else { panic!("{:?}", bench.actions) };
    let nonce = *nonce;
    bench.feed(Event::Pong(G1, nonce));
    bench.after(60_000 * MS).feed(Event::Deadline);
    assert!(matches!(bench.did()[..], [Action::Ping(G1, _)]));
    bench.feed(Event::Pong(G1, nonce)).after(5_000 * MS).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Kill(G1)], "an old answer does not count");
    bench.feed(Event::Exited(G1, died("signal 9"))).feed(Event::Deadline);
    assert_eq!(bench.did(), [&Action::Spawn { generation: G2, plan: PlanId(1) }]);
}

#[test]
fn a_refused_first_start_ends_with_its_exit_code() {
    let mut bench = Bench::new();
    let exit = Exit { reason: "no".to_owned(), kind: ExitKind::Refused(78) };
    bench.feed(Event::Exited(G1, exit)).feed(Event::Gone(G1));
    assert!(matches!(bench.state.phase, Phase::Stopped { code: 78 }), "{:?}", bench.state.phase);
}

#[test]
fn stop_drains_then_a_second_stop_kills() {
    let mut bench = Bench::serving();
    bench.feed(Event::Stop { cut_code: 130 });
    assert_eq!(bench.did(), [&Action::Drain { generation: G1, restart_expected_ms: None }]);
    let mut clean = Bench { state: bench.state.clone(), now: bench.now, actions: Vec::new() };
    clean.feed(Event::Released(G1)).feed(Event::Exited(G1, died(""))).feed(Event::Gone(G1));
    assert!(matches!(clean.state.phase, Phase::Stopped { code: 0 }));
    bench.feed(Event::Stop { cut_code: 130 });
    assert_eq!(bench.did(), [&Action::Kill(G1)]);
    bench.feed(Event::Gone(G1));
    assert!(matches!(bench.state.phase, Phase::Stopped { code: 130 }));
}

/// One arbitrary event about an arbitrary recent generation.
fn events() -> impl Strategy<Value = (u8, u64, u32)> {
    (0..14u8, 0..3u64, 0..3000u32)
}

fn make(kind: u8, generation: Generation, plans: u64, at: Instant) -> Event {
    match kind {
        0 => Event::Changed { triggers: edit("a"), plan: None, at },
        1 => Event::Changed { triggers: edit("b"), plan: Some(PlanId(plans + 2)), at },
        2 => Event::Started(generation, 1),
        3 => Event::Ready(generation),
        4 => Event::Serving(generation, summary(generation)),
        5 => Event::Released(generation),
        6 => Event::Exited(generation, died("x")),
        7 => Event::Exited(generation, Exit { reason: "r".to_owned(), kind: ExitKind::Refused(78) }),
        8 => Event::Gone(generation),
        12 => Event::Exited(generation, Exit { reason: "d".to_owned(), kind: ExitKind::Done }),
        9 => Event::Pong(generation, 1),
        10 => Event::Stop { cut_code: 143 },
        11 => Event::Applicable { triggers: edit("c"), waiting: Vec::new(), plan: PlanId(plans + 9), at },
        _ => Event::Deadline,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever happens in whatever order: there is always a deadline until everything stopped, every spawned
    /// generation is owned until it is gone or given up, at most one candidate exists, and the end is reached.
    #[test]
    fn no_state_without_deadline_no_child_without_owner(
        sequence in prop::collection::vec(events(), 0..60),
        succession in prop::sample::select(vec![Succession::Handover, Succession::Beside, Succession::After]),
    ) {
        let mut bench = Bench::new();
        bench.state.succession = succession;
        let mut alive: BTreeSet<Generation> = [G1].into();
        for (kind, back, wait) in sequence {
            bench.now += wait * MS;
            let generation = Generation(bench.state.last_generation.0.saturating_sub(back));
            let event = make(kind, generation, back, bench.now);
            let gone = matches!(event, Event::Gone(_));
            bench.feed(event);
            if gone {
                alive.remove(&generation);
            }
            for action in &bench.actions {
                match action {
                    Action::Spawn { generation, .. } => prop_assert!(alive.insert(*generation)),
                    Action::Abandon(generation) => { alive.remove(generation); }
                    _ => {}
                }
            }
            let owned: BTreeSet<Generation> = bench.state.generations().into_iter().collect();
            prop_assert_eq!(owned.len(), bench.state.generations().len(), "owned twice: {:?}", &bench.state);
            prop_assert!(alive.is_subset(&owned), "{:?} not owned in {:?}", &alive, &bench.state);
            let stopped = matches!(bench.state.phase, Phase::Stopped { .. });
            prop_assert_eq!(bench.state.deadline().is_none(), stopped);
        }
        bench.feed(Event::Stop { cut_code: 143 });
        for _ in 0..20 {
            if let Some(deadline) = bench.state.deadline() {
                bench.now = bench.now.max(deadline);
                bench.feed(Event::Deadline);
            }
        }
        prop_assert!(matches!(bench.state.phase, Phase::Stopped { .. }), "{:?}", &bench.state);
    }
}
