//! `clawdbot doctor`: what it finds in installations that are broken, that it writes nothing unless it is asked to, and
//! that nothing which hangs holds it up.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::gateway::{configure, in_home, prompt};
use crate::support::home::Home;
use crate::support::program::{Finished, Run};
use crate::support::snapshot::{Snapshot, mode};
use crate::support::tailscale::Tailscale;
use crate::support::terminal::Terminal;
use crate::support::wait::PATIENCE;

/// A good token.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn doctor(home: &Home, arguments: &[&str]) -> Finished {
    Run::new(home, &[&["doctor"], arguments].concat()).env("CLAWDBOT_GATEWAY_PORT", free_port()).finish()
}

/// The tests must not find each other's gateways at the default port.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

#[track_caller]
fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:?}"))
}

/// The codes of everything that is found and is not gone.
#[track_caller]
fn codes(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["fixed"] != true)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn pipe(home: &Home, relative: &str) {
    let path = home.path().join(relative);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Run::of("mkfifo".as_ref(), home, &[path.to_str().unwrap()]).finish().expect_code(0);
}

/// An installation in which everything is wrong that files can be wrong in.
fn broken() -> Home {
    let home = Home::new();
    set_mode(home.path(), 0o755);
    let token = "a-secret-in-the-file";
    let config = format!(
        "{{\n  // By hand.\n  gateway: {{ mode: 'local', token: '{token}' }}, // Here.\n  session: {{ mainKey: 'x' }},\n}}\n"
    );
    home.write(".clawdbot/clawdbot.json", &config);
    home.write(".clawdbot/.env", "OPENAI_API_KEY=another-secret\n");
    home.write(".clawdbot/devices/paired.json", "{ \"half\": ");
    home.write(".clawdbot/nodes/paired.json", "[]");
    home.write(".clawdbot/nodes/paired.json.corrupt-1769248800000", "{");
    home.write(".clawdbot/exec-approvals.json", "{\"version\":2}");
    home.write(".clawdbot/agents/main/sessions/sessions.json", "{ half");
    home.write(".clawdbot/identity/device.json", "{\"version\":1}");
    home.write(".clawdbot/gateway.json", "{\"pid\":2147483632,\"url\":\"ws://127.0.0.1:1\"}");
    home.write(".clawdbot/gateway.lock", "");
    let leftover = home.write(".clawdbot/.clawdbot.json.aB3dE9.tmp", "{");
    let before = std::time::SystemTime::now() - Duration::from_mins(10);
    fs::File::options().write(true).open(leftover).unwrap().set_modified(before).unwrap();
    set_mode(&home.path().join(".clawdbot"), 0o755);
    for name in ["clawdbot.json", ".env"] {
        set_mode(&home.path().join(".clawdbot").join(name), 0o644);
    }
    home
}

#[test]
fn everything_is_found_and_nothing_written() {
    let home = broken();
    let before = Snapshot::of(&[home.path()]);
    let finished = doctor(&home, &["--json"]).expect_code(1);
    let shown = doctor(&home, &[]).expect_code(1);
    before.assert_same(&[home.path()], "an examination");
    let report = json(&finished);
    assert_eq!(report["ok"], false);
    let expected = [
        "config-warning",
        "gateway-not-running",
        "key-misplaced",
        "leftover",
        "runtime-file-stale",
        "secret-open",
        "state-file-damaged",
        "state-file-set-aside",
        "state-open",
    ];
    assert_eq!(codes(&report), BTreeSet::from(expected));
    let damaged = report["findings"].as_array().unwrap().iter();
    assert_eq!(damaged.filter(|finding| finding["code"] == "state-file-damaged").count(), 5, "{report}");
    let misplaced = &report["findings"][0];
    assert_eq!((&misplaced["check"], &misplaced["fixable"]), (&"config".into(), &true.into()));
    assert_eq!(
        (&misplaced["place"]["line"], &misplaced["place"]["column"]),
        (&3.into(), &29.into()),
        "{misplaced}"
    );
    let last = shown.stdout.lines().last().unwrap();
    assert!(last.ends_with("can be fixed: clawdbot doctor --fix"), "{}", shown.stdout);
    for text in [&finished.stdout, &finished.stderr, &shown.stdout, &shown.stderr] {
        assert!(
            !text.contains("secret-in-the-file") && !text.contains("another-secret"),
            "a secret is shown: {text}"
        );
    }
}

#[test]
fn what_is_safe_is_done_and_nothing_else() {
    let home = broken();
    let state = home.path().join(".clawdbot");
    let finished = doctor(&home, &["--fix", "--json"]).expect_code(1);
    let report = json(&finished);
    let fixed: BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["fixed"] == true)
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(fixed, BTreeSet::from(["key-misplaced", "runtime-file-stale", "secret-open", "state-open"]));
    assert_eq!(report["summary"]["fixed"], 9, "{report}");
    assert!(report["done"].as_array().unwrap().iter().all(|done| done["ok"] == true), "{report}");
    assert_eq!(
        home.read(".clawdbot/clawdbot.json"),
        "{\n  // By hand.\n  gateway: { mode: 'local', auth: { token: 'a-secret-in-the-file' } }, // Here.\n  session: { mainKey: 'x' },\n}\n"
    );
    let bits = |name: &str| mode(&fs::metadata(state.join(name)).unwrap());
    assert_eq!(
        (bits(""), bits("clawdbot.json"), bits("clawdbot.json.bak"), bits(".env")),
        (0o700, 0o600, 0o600, 0o600)
    );
    assert!(!state.join("gateway.json").exists());
    // Damaged files are nobody's to mend.
    assert_eq!(home.read(".clawdbot/agents/main/sessions/sessions.json"), "{ half");
    assert!(state.join(".clawdbot.json.aB3dE9.tmp").exists());
    let after = Snapshot::of(&[home.path()]);
    assert!(json(&doctor(&home, &["--fix", "--json"]))["done"].as_array().unwrap().is_empty());
    after.assert_same(&[home.path()], "another one with nothing to do");
}

#[test]
fn a_new_home_is_no_surprise() {
    let home = Home::new();
    let finished = doctor(&home, &[]).expect_code(1);
    assert!(finished.stdout.contains("✗ there is no ~/.clawdbot/clawdbot.json\n"), "{}", finished.stdout);
    assert!(finished.stdout.contains("    fix: clawdbot onboard\n"), "{}", finished.stdout);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "an examination made something");
    // In dev mode the harness makes one.
    let dev =
        Run::new(&home, &["doctor"]).env("CLAWDBOT_PROFILE", "dev").env("CLAWDBOT_GATEWAY_PORT", free_port());
    dev.finish().expect_code(0);
    doctor(&home, &["--fix"]).expect_code(1);
    assert_eq!(mode(&fs::metadata(home.path().join(".clawdbot")).unwrap()), 0o700);
}

#[test]
fn pipes_and_huge_files_hold_nobody_up() {
    let home = Home::new();
    for name in [
        "clawdbot.json",
        ".env",
        "gateway.json",
        "gateway.lock",
        "identity/device.json",
        "devices/paired.json",
        "nodes/paired.json",
        "exec-approvals.json",
        "agents/main/sessions/sessions.json",
    ] {
        pipe(&home, &format!(".clawdbot/{name}"));
    }
    let huge = home.write(".clawdbot/devices/pending.json", "");
    fs::File::options().write(true).open(huge).unwrap().set_len(1 << 40).unwrap();
    let report = json(&doctor(&home, &["--json", "--timeout", "20000"]).expect_code(1));
    let found = codes(&report);
    assert!(!found.contains("not-examined"), "{report}");
    for code in ["config-invalid", "env-file-invalid", "lock-unusable", "state-file-damaged"] {
        assert!(found.contains(code), "{code}: {report}");
    }
}

#[test]
fn what_does_not_answer_costs_its_time_and_no_more() {
    let home = Home::new();
    let tailscale = Tailscale::install(&home);
    tailscale.answer("status", "sleep 600");
    let config = format!("mode: 'local', auth: {{ token: '{TOKEN}' }}, tailscale: {{ mode: 'serve' }}");
    configure(&home, &format!("{{ gateway: {{ {config} }} }}"));
    let finished =
        Run::new(&home, &["doctor", "--json", "--timeout", "400"]).env("PATH", tailscale.path()).finish();
    assert!(finished.took < PATIENCE, "{:?}", finished.took);
    let report = json(&finished);
    assert!(codes(&report).contains("tailscale-unusable"), "{report}");
    tailscale.answer("status", "echo '{\"BackendState\":\"NeedsLogin\"}'");
    let finished = Run::new(&home, &["doctor", "--json"]).env("PATH", tailscale.path()).finish();
    let report = json(&finished.expect_code(1));
    assert!(codes(&report).contains("tailscale-logged-out"), "{report}");
}

#[test]
fn a_gateway_that_runs_is_asked_and_keeps_no_trace() {
    let home = Home::new();
    let path = configure(&home, &prompt(&format!("auth: {{ token: '{TOKEN}' }}"), ""));
    set_mode(&path, 0o600);
    set_mode(path.parent().unwrap(), 0o700);
    let gateway = in_home(&home).start();
    let report = json(&doctor(&home, &["--json"]).expect_code(0));
    assert_eq!(report["ok"], true);
    assert_eq!(codes(&report), BTreeSet::new(), "{report}");
    assert!(!home.path().join(".clawdbot/identity").exists(), "an identity was made");
    assert!(!home.path().join(".clawdbot/devices/paired.json").exists(), "a device was paired");
    let refused =
        Run::new(&home, &["doctor", "--json"]).env("CLAWDBOT_GATEWAY_TOKEN", "another-token").finish();
    let report = json(&refused.expect_code(0));
    assert!(codes(&report).is_superset(&BTreeSet::from(["gateway-refuses", "token-overridden"])), "{report}");
    gateway.stop();
}

#[test]
fn whoever_holds_the_port_is_named() {
    let home = Home::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    configure(
        &home,
        &format!("{{ gateway: {{ mode: 'local', port: {port}, auth: {{ token: '{TOKEN}' }} }} }}"),
    );
    let finished = Run::new(&home, &["doctor"]).finish().expect_code(1);
    let expected = format!("✗ port {port} is held by ");
    assert!(finished.stdout.contains(&expected), "{}", finished.stdout);
    assert!(finished.stdout.contains(&format!("(pid {}, ", std::process::id())), "{}", finished.stdout);
}

#[test]
fn a_service_is_looked_at_where_no_manager_answers() {
    let home = Home::new();
    let unit = "[Service]\nExecStart=/nowhere/node /opt/entry.js gateway --port 18789\nRestart=always\n\
                Environment=CLAWDBOT_SERVICE_MARKER=clawdbot\nEnvironment=CLAWDBOT_GATEWAY_TOKEN=unit-secret\n";
    home.write(".config/systemd/user/clawdbot-gateway.service", unit);
    let finished = Run::new(&home, &["doctor", "--json"])
        .env("PATH", home.path())
        .env("CLAWDBOT_GATEWAY_PORT", free_port())
        .finish()
        .expect_code(1);
    let report = json(&finished);
    let expected = ["service-published", "service-program-missing", "service-secret", "service-unavailable"];
    assert!(codes(&report).is_superset(&BTreeSet::from(expected)), "{report}");
    assert!(!finished.stdout.contains("unit-secret"), "a secret is shown: {}", finished.stdout);
}

#[test]
fn a_stored_profile_with_damaged_files_is_read_as_the_gateway_reads_it() {
    let home = Home::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles/broken-state/home/.clawdbot");
    Run::of("cp".as_ref(), &home, &["-r", fixture.to_str().unwrap(), "."]).finish().expect_code(0);
    let finished = doctor(&home, &[]).expect_code(1);
    for name in ["agents/main/sessions/sessions.json", "devices/paired.json", "devices/pending.json"] {
        assert!(finished.stdout.contains(&format!("✗ ~/.clawdbot/{name} (")), "{name}: {}", finished.stdout);
    }
}

#[test]
fn a_terminal_gets_colours_unless_it_wants_none() {
    let home = Home::new();
    let coloured = Terminal::of(&home, &["doctor"], &[]).expect(0, "gateway runs");
    assert!(coloured.contains("\x1b[1mConfiguration\x1b[0m"), "{coloured:?}");
    let plain = Terminal::of(&home, &["doctor"], &[("NO_COLOR", "1")]).expect(0, "gateway runs");
    assert!(!plain.contains('\x1b'), "{plain:?}");
}
