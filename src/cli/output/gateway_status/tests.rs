use super::*;
use crate::cli::output::paint::Paint;
use crate::cli::output::screens;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

#[test]
fn the_screen() {
    let reports = [
        ("foreground", samples::foreground()),
        ("service", samples::service()),
        ("down", samples::down()),
        ("failed", samples::failed()),
    ];
    for (name, report) in reports {
        for width in [60, 80, 200] {
            let plain = screen(&report, Some(width), Paint::new(false));
            screens::check(&format!("gateway-status-{name}-{width}.txt"), &plain);
            let coloured = screen(&report, Some(width), Paint::new(true));
            screens::check(&format!("gateway-status-{name}-{width}-colour.txt"), &coloured);
            let drawn = plain.lines().filter(|line| line.starts_with(['│', '┌', '└']));
            let widths: Vec<usize> = drawn.map(UnicodeWidthStr::width).collect();
            assert!(
                widths.iter().all(|found| *found == widths[0] && *found <= width),
                "{name} {width}: {widths:?}"
            );
        }
    }
}

#[test]
fn the_object_has_the_published_members_and_no_secrets() {
    let service = json(&samples::service());
    assert_eq!(service["ok"], true);
    assert_eq!(service["service"]["loadedText"], "enabled");
    assert_eq!(service["service"]["runtime"]["pid"], 12_345);
    assert_eq!(service["service"]["command"]["environment"], json!(null));
    assert_eq!(service["process"]["mode"], "service");
    assert_eq!(service["rpc"]["ok"], true);
    assert_eq!(service["port"]["status"], "busy");
    assert_eq!(service["config"]["cli"]["valid"], true);
    assert_eq!(service["problems"], json!([]));

    let down = json(&samples::down());
    assert_eq!((&down["ok"], &down["rpc"]["ok"]), (&json!(false), &json!(false)));
    let codes: Vec<_> =
        down["problems"].as_array().unwrap().iter().map(|problem| problem["code"].clone()).collect();
    assert_eq!(codes, ["config-invalid", "not-running", "port-taken"]);

    let failed = json(&samples::failed());
    assert_eq!(failed["portCli"]["port"], 19_000);
    assert_eq!(failed["extraServices"][0]["label"], "clawdbot-gateway-work.service");
    assert_eq!(failed["service"]["configAudit"]["ok"], false);
    for value in [service, down, failed] {
        assert!(!value.to_string().contains("do-not-show"), "{value:#}");
    }
}

#[test]
fn without_a_probe_a_process_counts() {
    let mut report = samples::foreground();
    report.probe = None;
    assert!(report.is_up());
    assert_eq!(json(&report)["rpc"], json!(null));
    report.process = None;
    assert!(!report.is_up());
    report.harness = Some(7);
    assert!(report.is_up());
}

#[test]
fn a_gateway_that_hangs_is_no_silence_about_it() {
    let mut report = samples::foreground();
    report.probe = Some(Probe::Silent { cause: "no answer within 300ms".to_owned(), fix: None });
    let found = problems(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code, "probe-failed");
    assert!(found[0].message.contains("PID 12345"), "{found:?}");
}

#[test]
fn a_gateway_that_nobody_here_has_started_is_not_told_as_none() {
    let mut report = samples::foreground();
    report.process = None;
    assert!(
        screen(&report, None, Paint::new(false))
            .contains("running, and not of this profile (PID 12345, clawdbot)")
    );
    assert_eq!(problems(&report), []);
    report.harness = Some(7);
    assert!(
        screen(&report, None, Paint::new(false))
            .contains("running a command in dev mode (PID of the harness 7)")
    );
}
