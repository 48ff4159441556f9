//! The clock. Signatures, times of pairings, and ages of files hang on it.

use crate::doctor::facts::{Answer, Facts};
use crate::doctor::finding::Finding;

/// 2026-11-01: this program is younger.
const WRITTEN_MS: u64 = 1_793_491_200_000;
/// A hundred years later.
const TOO_LATE_MS: u64 = WRITTEN_MS + 100 * 365 * 86_400_000;
/// How far ahead a file may be: clocks are adjusted.
const AHEAD_MS: u64 = 120_000;
/// How far two clocks of one machine may be apart: the answer took its time.
const APART_MS: u64 = 5_000;

pub(super) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let now = facts.now_ms;
    let mut findings = Vec::new();
    let look = "timedatectl status";
    if !(WRITTEN_MS..=TOO_LATE_MS).contains(&now) {
        findings.push(
            Finding::error("clock-implausible", format!("this machine's clock says {}", date(now)))
                .why("Devices sign with the time, and are refused when it is wrong.")
                .command(look),
        );
    } else if let Some(ahead) =
        newest(facts).and_then(|newest| newest.checked_sub(now)).filter(|ahead| *ahead > AHEAD_MS)
    {
        let minutes = ahead / 60_000;
        findings.push(
            Finding::warning(
                "clock-behind-files",
                format!("the newest file of the state is {minutes} min ahead of the clock"),
            )
            .why("The clock is wrong, or was. Ages and last uses are wrong with it.")
            .command(look),
        );
    }
    if let Some(Answer::Hello { skew_ms: Some(skew), .. }) = &facts.answer
        && skew.unsigned_abs() > APART_MS
    {
        findings.push(
            Finding::warning(
                "clock-apart",
                format!("the gateway's clock differs by {} s", skew.unsigned_abs() / 1000),
            )
            .why("Devices sign with the time, and are refused when it is wrong.")
            .command(look),
        );
    }
    findings
}

fn newest(facts: &Facts<'_>) -> Option<u64> {
    facts.state.as_ref()?.newest_ms
}

fn date(now_ms: u64) -> String {
    let time = i64::try_from(now_ms).ok().and_then(|now| jiff::Timestamp::from_millisecond(now).ok());
    time.map_or_else(|| "something impossible".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}
