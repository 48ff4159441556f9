use std::collections::BTreeSet;

use super::broken::{CASES, codes, findings, found};
use crate::doctor::finding::{Fix, Severity};

/// The sources of the checks, for the codes in them.
const SOURCES: [&str; 13] = [
    include_str!("all.rs"),
    include_str!("auth.rs"),
    include_str!("clock.rs"),
    include_str!("config.rs"),
    include_str!("gateway.rs"),
    include_str!("instance.rs"),
    include_str!("limits.rs"),
    include_str!("port.rs"),
    include_str!("secrets.rs"),
    include_str!("service.rs"),
    include_str!("state_directory.rs"),
    include_str!("state_files.rs"),
    include_str!("tailscale.rs"),
];

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn every_fault_is_found_and_nothing_besides() {
    let wrong: Vec<_> = CASES
        .iter()
        .map(|(expected, change)| (expected.iter().copied().collect::<BTreeSet<_>>(), codes(*change)))
        .filter(|(expected, found)| expected != found)
        .collect();
    assert!(wrong.is_empty(), "expected, and found: {wrong:#?}");
}

#[test]
fn every_code_has_a_case() {
    let known: BTreeSet<&str> = findings().iter().map(|finding| finding.code).collect();
    for source in SOURCES {
        for severity in ["Finding::error(", "Finding::warning(", "Finding::info("] {
            for after in source.split(severity).skip(1) {
                let Some(code) = after.trim_start().strip_prefix('"') else { continue };
                let code = code.split('"').next().unwrap();
                assert!(known.contains(code), "no case for {code}");
            }
        }
    }
}

#[test]
fn every_finding_says_what_why_and_what_helps() {
    for finding in findings() {
        assert!(!finding.message.ends_with('.') && !finding.message.is_empty(), "{finding:?}");
        assert!(finding.why.ends_with('.') || finding.severity == Severity::Info, "{finding:?}");
        assert!(finding.fix.is_some(), "{finding:?}");
        assert!(!format!("{finding:?}").contains("hidden-secret"), "a secret is shown");
        if let Some(Fix::Advice(text)) = &finding.fix {
            assert!(!text.contains("clawdbot "), "a command that nobody checks: {text}");
        }
    }
}

#[test]
fn keys_are_moved_only_when_that_mends_the_file() {
    let movable = found(CASES[4].1);
    assert!(movable.iter().all(|finding| finding.repair.is_some()), "{movable:?}");
    let entangled = found(CASES[5].1);
    assert!(entangled.iter().all(|finding| finding.repair.is_none()), "{entangled:?}");
}
