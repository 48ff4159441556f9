use super::*;

fn recorded(name: &str) -> Shown {
    let text = match name {
        "activating" => include_str!("../../../../fixtures/service/systemd/show/activating.txt"),
        "active" => include_str!("../../../../fixtures/service/systemd/show/active.txt"),
        "auto-restart" => include_str!("../../../../fixtures/service/systemd/show/auto-restart-signal.txt"),
        "bad-setting" => include_str!("../../../../fixtures/service/systemd/show/bad-setting.txt"),
        "drop-in" => include_str!("../../../../fixtures/service/systemd/show/drop-in.txt"),
        "failed-78" => include_str!("../../../../fixtures/service/systemd/show/failed-78.txt"),
        "failed-restarts" => include_str!("../../../../fixtures/service/systemd/show/failed-restarts.txt"),
        "inactive" => include_str!("../../../../fixtures/service/systemd/show/inactive-disabled.txt"),
        "masked" => include_str!("../../../../fixtures/service/systemd/show/masked.txt"),
        "not-found" => include_str!("../../../../fixtures/service/systemd/show/not-found.txt"),
        "outdated" => include_str!("../../../../fixtures/service/systemd/show/outdated.txt"),
        "restarted" => include_str!("../../../../fixtures/service/systemd/show/restarted.txt"),
        "stopped" => include_str!("../../../../fixtures/service/systemd/show/stopped.txt"),
        "watchdog" => include_str!("../../../../fixtures/service/systemd/show/watchdog.txt"),
        other => panic!("not recorded: {other}"),
    };
    parse(text).unwrap()
}

#[test]
fn recorded_answers_are_understood() {
    use Runtime::{Failed, Running, Starting, Stopped};
    for (name, loaded, runtime, sub_state, exit, reason, restarts) in [
        ("not-found", false, Stopped, "dead", None, None, 0),
        ("inactive", false, Stopped, "dead", None, None, 0),
        ("active", true, Running, "running", None, None, 0),
        ("restarted", true, Running, "running", None, None, 1),
        ("activating", true, Starting, "start", None, None, 0),
        ("auto-restart", true, Starting, "auto-restart", None, Some("signal (9)"), 0),
        ("watchdog", true, Starting, "auto-restart", None, Some("watchdog (9)"), 0),
        ("failed-78", true, Failed, "failed", Some(78), Some("exit-code"), 0),
        ("failed-restarts", true, Failed, "failed", Some(1), Some("exit-code"), 3),
        ("masked", false, Stopped, "dead", None, None, 0),
    ] {
        let status = recorded(name).status;
        assert_eq!(
            (status.loaded, status.runtime, status.sub_state.as_deref()),
            (loaded, runtime, Some(sub_state)),
            "{name}"
        );
        assert_eq!(
            (status.last_exit, status.last_reason.as_deref(), status.restarts),
            (exit, reason, Some(restarts)),
            "{name}"
        );
        assert_eq!(status.pid.is_some(), matches!(name, "active" | "restarted" | "activating"), "{name}");
    }
    assert!(recorded("stopped").status.last_run.is_some());
}

#[test]
fn what_is_wrong_with_a_unit_is_told() {
    assert_eq!(recorded("active").status.detail, None);
    assert_eq!(recorded("masked").status.detail.as_deref(), Some("masked"));
    assert_eq!(
        recorded("bad-setting").load_error.as_deref(),
        Some("Unit clawdbot-gateway.service has a bad unit file setting.")
    );
    assert_eq!(recorded("not-found").load, "not-found");
    let path = "/home/you/.config/systemd/user/clawdbot-gateway.service";
    assert_eq!(
        recorded("drop-in").status.detail.as_deref(),
        Some(format!("changed by {path}.d/override.conf").as_str())
    );
    assert!(recorded("outdated").outdated && !recorded("drop-in").outdated);
    assert_eq!(recorded("active").fragment.as_deref(), Some(path));
    assert_eq!(recorded("active").invocation.map(|id| id.len()), Some(32));
}

#[test]
fn what_is_no_answer_is_none() {
    for text in ["", "\n\n", "segmentation fault", "LoadState=\nActiveState=active\n", "LoadState=loaded\n"] {
        assert_eq!(parse(text), None, "{text}");
    }
    let odd =
        parse("LoadState=loaded\nActiveState=maintenance\nMainPID=many\nNRestarts=[not set]\n").unwrap();
    assert_eq!((odd.status.runtime, odd.status.pid, odd.status.restarts), (Runtime::Unknown, None, None));
}
