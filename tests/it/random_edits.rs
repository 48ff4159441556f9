//! Two hundred edits of every sort under load: always served, always the last content that was valid.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::dice::Dice;
use crate::support::edits::{HalfWritten, Save};
use crate::support::hammer::{Hammer, Traffic};
use crate::support::harness::{self, Harness};
use crate::support::home::{Home, config_text};
use crate::support::wait::{self, PATIENCE};
use crate::support::wire::agent_name;

/// How many edits.
const EDITS: u32 = 200;

/// How late an answer may be while tests share the machine; the benchmark measures the real limit.
const LATE: Duration = Duration::from_secs(2);

#[test]
fn two_hundred_random_edits_under_load() {
    let home = Home::new();
    let harness = harness::in_home(&home).start().armed();
    let config = home.config();
    let first = "Droid 0".to_owned();
    fs::write(&config, config_text(&home, &first, "")).unwrap();
    let mut valid = first;
    expect_name(&harness, &valid, "the first edit");
    let hammers = [(Traffic::Health, 2), (Traffic::Hello, 10)]
        .map(|(traffic, pace)| Hammer::paced(harness.address(), traffic, Duration::from_millis(pace)));

    let mut dice = Dice(42);
    for edit in 1..=EDITS {
        let name = format!("Droid {edit}");
        let text = config_text(&home, &name, "");
        let kind = dice.below(10);
        if matches!(kind, 5..=7) {
            // What is gone or broken before anybody looked cannot be served.
            expect_name(&harness, &valid, &format!("edit {edit}, before it is hidden"));
        }
        match kind {
            0 | 1 => _ = Save::Plain.write(&config, &text),
            2 => _ = Save::Rename.write(&config, &text),
            3 => _ = Save::Vim.write(&config, &text),
            4 => {
                let half = HalfWritten::start(&config, &text);
                wait::pass(Duration::from_millis(dice.below(60)));
                half.finish();
            }
            5 => _ = Save::Rename.write(&config, &format!("{{ broken: number {edit}")),
            6 => {
                let wrong = format!("{{ gateway: {{ mode: \"local\", nonsense: {edit} }} }}");
                Save::Plain.write(&config, &wrong);
            }
            7 => remove(&config),
            8 => remove_and_return(&config, &text, dice.below(60)),
            _ => _ = Save::ALL[(edit % 3) as usize].write(&home.workspace().join("AGENTS.md"), &name),
        }
        if matches!(kind, 0..=4 | 8) {
            valid = name;
        }
        wait::pass(Duration::from_millis(dice.below(80)));
        if edit % 20 == 0 {
            expect_name(&harness, &valid, &format!("edit {edit} of kind {kind}"));
        }
    }
    expect_name(&harness, &valid, "the last edit");
    for hammer in hammers {
        hammer.stop().assert_served(LATE);
    }
}

/// Removes the configuration; an earlier edit may have done so.
fn remove(config: &Path) {
    match fs::remove_file(config) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => {}
    }
}

fn remove_and_return(config: &Path, text: &str, after: u64) {
    remove(config);
    wait::pass(Duration::from_millis(after));
    fs::write(config, text).unwrap();
}

/// Waits until the gateway serves the configuration with the agent's `name`.
#[track_caller]
fn expect_name(harness: &Harness, name: &str, after: &str) {
    let mut seen = Ok(String::new());
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        seen = agent_name(harness.address());
        if seen.as_deref() == Ok(name) {
            return;
        }
        wait::pass(Duration::from_millis(5));
    }
    let tail: Vec<String> =
        harness.since(0).iter().rev().take(12).map(|event| event.value.to_string()).collect();
    panic!("after {after}: {seen:?} instead of {name:?}; last events first:\n{}", tail.join("\n"));
}
