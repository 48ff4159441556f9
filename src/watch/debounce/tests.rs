use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const OPEN: Touch = Touch::Open(PATIENCE);

/// Feeds `(millisecond, path, touch)` in order, fires as a timer would, and returns `(millisecond, paths)` of
/// every batch, all of them taken for effective.
fn run(events: &[(u64, &'static str, Touch)]) -> Vec<(u64, Vec<&'static str>)> {
    let start = Instant::now();
    let mut debounce = Debounce::new(start, None);
    let mut batches = Vec::new();
    let mut events = events.iter().peekable();
    for millisecond in 0..20_000 {
        let now = start + Duration::from_millis(millisecond);
        while let Some((_, path, touch)) = events.next_if(|(at, ..)| *at == millisecond) {
            debounce.touch(*path, now, *touch);
        }
        if let Some(ripe) = debounce.take(now) {
            assert!(!ripe.paths.is_empty());
            debounce.note_emitted(now);
            batches.push((millisecond, ripe.paths.into_iter().map(|(path, _)| path).collect()));
        }
    }
    assert_eq!(debounce.due(), None, "nothing stays dirty");
    batches
}

#[track_caller]
fn check(events: &[(u64, &'static str, Touch)], expect: &[(u64, &[&'static str])]) {
    let expect: Vec<_> = expect.iter().map(|(at, paths)| (*at, paths.to_vec())).collect();
    assert_eq!(run(events), expect);
}

#[test]
fn a_single_save_acts_after_2_ms() {
    check(&[(10, "a", OPEN), (11, "a", Touch::Closed)], &[(13, &["a"])]);
}

#[test]
fn a_second_save_soon_after_waits_for_quiet() {
    check(&[(10, "a", Touch::Closed), (40, "a", Touch::Closed)], &[(12, &["a"]), (90, &["a"])]);
}

#[test]
fn saves_far_apart_act_at_once() {
    check(&[(10, "a", Touch::Closed), (130, "a", Touch::Closed)], &[(12, &["a"]), (132, &["a"])]);
}

#[test]
fn several_paths_wait_for_quiet_and_come_in_order() {
    check(
        &[(10, "a", Touch::Closed), (11, "b", Touch::Closed), (12, "a", Touch::Closed)],
        &[(62, &["b", "a"])],
    );
}

#[test]
fn a_burst_that_never_rests_is_cut_at_the_limit() {
    let events: Vec<_> =
        (0..80).map(|index| (10 * index, if index % 2 == 0 { "a" } else { "b" }, Touch::Closed)).collect();
    let batches: Vec<_> = run(&events).into_iter().map(|(at, _)| at).collect();
    assert_eq!(batches, [2, 510, 840]);
}

#[test]
fn a_writer_that_never_closes_is_noticed() {
    check(&[(10, "log", OPEN), (100, "log", OPEN)], &[(210, &["log"])]);
}

#[test]
fn a_writer_does_not_hold_the_others_back() {
    check(&[(10, "log", OPEN), (11, "a", Touch::Closed)], &[(61, &["a"]), (210, &["log"])]);
}

#[test]
fn patience_is_per_path() {
    let slow = Touch::Open(Duration::from_secs(5));
    check(&[(10, "program", slow), (900, "program", Touch::Closed)], &[(902, &["program"])]);
}

#[test]
fn a_temporary_that_is_taken_back_costs_no_quiet() {
    let start = Instant::now();
    let mut debounce = Debounce::new(start, None);
    debounce.touch("temporary", start, OPEN);
    debounce.touch("file", start, Touch::Closed);
    debounce.forget(&"temporary");
    assert_eq!(debounce.due(), Some(start + SINGLE));
}

#[test]
fn a_burst_of_100_writes_makes_two_batches_at_most() {
    let events: Vec<_> = (0..100).map(|index| (10 + index * 5 / 2, "a", Touch::Closed)).collect();
    let batches = run(&events);
    assert!(batches.len() <= 2, "{batches:?}");
    assert!(batches.last().unwrap().0 <= 10 + 250 + 55);
}

proptest! {
    /// No path is lost, none waits beyond its bound, and none is reported while a writer has it open and is
    /// within its patience.
    #[test]
    fn never_loses_and_never_waits_beyond_the_bound(
        events in prop::collection::vec((0..3_000_u64, 0..6_usize, any::<bool>()), 1..200)
    ) {
        const PATHS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let mut events: Vec<_> = events
            .into_iter()
            .map(|(at, path, closed)| (at, PATHS[path], if closed { Touch::Closed } else { OPEN }))
            .collect();
        events.sort_by_key(|(at, ..)| *at);
        let batches = run(&events);
        let bound = u64::try_from(LIMIT.as_millis()).unwrap();
        // The first event of each path since it was last reported, replayed beside the batches.
        let mut waiting: BTreeMap<&str, u64> = BTreeMap::new();
        let mut batches = batches.into_iter().peekable();
        for (at, path, _) in events {
            while let Some((_, paths)) = batches.next_if(|(batch, _)| *batch < at) {
                for path in paths {
                    waiting.remove(path);
                }
            }
            if let Some(since) = waiting.get(path) {
                prop_assert!(at - since <= bound, "{path} dirty since {since} at {at}");
            }
            waiting.entry(path).or_insert(at);
        }
        for (at, paths) in batches {
            for path in paths {
                if let Some(since) = waiting.remove(path) {
                    prop_assert!(at - since <= bound, "{path} dirty since {since} reported at {at}");
                }
            }
        }
        prop_assert!(waiting.is_empty(), "lost: {waiting:?}");
    }

    /// Paths that end closed are reported within the bound; the last event of every path is covered by a batch.
    #[test]
    fn the_last_event_is_always_covered(
        gaps in prop::collection::vec((0..120_u64, 0..3_usize), 1..100)
    ) {
        const PATHS: [&str; 3] = ["a", "b", "c"];
        let mut at = 0;
        let events: Vec<_> = gaps
            .into_iter()
            .map(|(gap, path)| { at += gap; (at, PATHS[path], Touch::Closed) })
            .collect();
        let batches = run(&events);
        let (last, path, _) = *events.last().unwrap();
        let covering = batches.iter().find(|(at, paths)| *at >= last && paths.contains(&path));
        prop_assert!(covering.is_some_and(|(at, _)| at - last <= 50));
    }
}

#[test]
fn another_quiet_holds_for_every_edit() {
    let start = Instant::now();
    let quiet = Duration::from_millis(80);
    let mut debounce = Debounce::new(start, Some(quiet));
    debounce.touch("a", start, Touch::Closed);
    assert_eq!(debounce.due(), Some(start + quiet), "a single file too");
    debounce.touch("b", start + quiet / 2, Touch::Closed);
    assert_eq!(debounce.due(), Some(start + quiet * 3 / 2));
    debounce.touch("b", start + quiet * 20, Touch::Closed);
    assert_eq!(debounce.due(), Some(start + quiet * 10), "and not for ever");
}
