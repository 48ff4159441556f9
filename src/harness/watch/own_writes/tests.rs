//! Scripts of boots and changes, and what is done with each change.

use super::*;
use crate::harness::watch::Cause;

/// `S` a boot starts, `E` it ends, a lower-case letter: that file changes; each takes 10 ms. `.` lasts 300 ms and `_`
/// 2 s. The verdicts have to be these.
#[track_caller]
fn check(script: &str, expect: &[Verdict]) {
    let mut own = OwnWrites::default();
    let mut verdicts = Vec::new();
    let mut now = Instant::now();
    for step in script.chars() {
        now += Duration::from_millis(match step {
            '.' => 300,
            '_' => 2000,
            _ => 10,
        });
        match step {
            '.' | '_' => {}
            'S' => own.note(Boot::Started, now),
            'E' => own.note(Boot::Ended, now),
            file => verdicts.push(own.judge(Path::new(&file.to_string()), now)),
        }
    }
    assert_eq!(verdicts, expect, "{script}");
}

const HELD: Verdict = Verdict::Hold(FIRST);
const NAMED: Verdict = Verdict::Quarantine(LATE);
const SUSPECTED: Verdict = Verdict::Suspect(LATE);
use Verdict::{Drop, Report};

#[test]
fn a_file_that_every_boot_writes_is_named_at_the_second() {
    check("SaESaESaESaE", &[HELD, NAMED, Drop, Drop]);
    check("SaaESaaE", &[HELD, HELD, NAMED, NAMED]);
}

#[test]
fn a_person_outside_a_boot_is_reported_and_trusted() {
    check("aSaESaE", &[Report, Report, Report]);
    check("SaESaE_aSaE", &[HELD, NAMED, Report, Report]);
}

#[test]
fn boots_that_do_not_follow_each_other_are_no_proof() {
    check("SaESESaE", &[HELD, HELD]);
    check("SaESbE", &[HELD, HELD]);
}

#[test]
fn trust_ends_with_the_fourth_boot_in_a_row() {
    check("aSaE_SaE_SaE_SaE_SaE", &[Report, Report, Report, Report, NAMED, Drop]);
}

#[test]
fn a_held_change_comes_after_the_boot() {
    let start = Instant::now();
    let mut own = OwnWrites::default();
    let change = Change { path: "/w/a".into(), cause: Cause::Workspace, removed: false };
    own.note(Boot::Started, start);
    own.hold(change.clone(), start, FIRST);
    assert_eq!(own.due(), None, "while it boots");
    let ended = start + Duration::from_secs(1);
    own.note(Boot::Ended, ended);
    assert_eq!(own.due(), Some(ended + FIRST));
    assert!(own.release(ended).is_empty());
    assert_eq!(own.release(ended + FIRST), [(change.clone(), start)]);
    own.hold(change, start, FIRST);
    own.note(Boot::Started, ended);
    assert_eq!(own.due(), None, "the next generation reads it itself");
}

#[test]
fn an_answer_to_three_boots_in_a_row_is_suspect() {
    check("aSE.aSE.aSE.a", &[Report, Report, Report, SUSPECTED]);
    check("SEaSE.aSE..a", &[Report, Report, SUSPECTED]);
    check("aSEaSaESE.a", &[Report, Report, Report, SUSPECTED]);
    check("aSEaSEaSEa.a", &[Report, Report, Report, SUSPECTED, SUSPECTED]);
}

#[test]
fn a_boot_without_an_answer_or_one_that_comes_late_is_no_proof() {
    check("aSE.aSE.aSESE.a", &[Report; 4]);
    check("aSE.aSE.aSE....a", &[Report; 4]);
    check("aSE.aSE.bSE.aSE.bSE.a", &[Report; 6]);
}

#[test]
fn saves_with_seconds_in_between_are_reported_at_once() {
    check(&"aSE_".repeat(10), &[Report; 10]);
    check(&"aS_E".repeat(10), &[Report; 10]);
    check(&"aS......E.".repeat(10), &[Report; 10]);
}

#[test]
fn who_goes_on_saving_is_a_person_until_the_next_pause() {
    let suspected = "aSE.aSE.aSE.a..";
    check(
        &format!("{suspected}.aSE.aSE.aSE.aSE.a"),
        &[Report, Report, Report, SUSPECTED, Report, Report, Report, Report, Report],
    );
    check(
        &format!("{suspected}.aSE_aSE.aSE.aSE.a"),
        &[Report, Report, Report, SUSPECTED, Report, Report, Report, Report, SUSPECTED],
    );
}

#[test]
fn a_silent_suspect_is_named_once_and_late_after_every_boot() {
    let mut now = Instant::now();
    let mut ended = now;
    let mut own = OwnWrites::default();
    let change = Change { path: "/w/a".into(), cause: Cause::Extra, removed: false };
    for expect in [Report, Report, SUSPECTED] {
        own.note(Boot::Started, now);
        own.note(Boot::Ended, now);
        ended = now;
        now += Duration::from_millis(300);
        assert_eq!(own.judge(&change.path, now), expect);
    }
    own.hold(change.clone(), now, LATE);
    assert_eq!(own.due(), Some(ended + SILENCE));
    assert!(own.name(ended + NEAR).is_empty());
    assert_eq!(own.name(ended + SILENCE), std::slice::from_ref(&change.path));
    assert!(own.name(ended + SILENCE).is_empty(), "once");
    assert_eq!(own.due(), Some(ended + LATE));
    assert_eq!(own.release(ended + LATE), [(change.clone(), now)], "never lost");
    let again = ended + LATE;
    own.note(Boot::Started, again);
    own.note(Boot::Ended, again);
    assert_eq!(own.judge(&change.path, again + NEAR / 2), Verdict::Hold(LATE), "without another proof");
    assert_eq!(own.judge(&change.path, again + NEAR), Report, "by itself");
}
