use tempfile::TempDir;

use super::*;
use crate::harness::scratch::Scratch;

#[track_caller]
fn check(scratch: &Scratch, workspace: &str, expected: Option<&str>) {
    let found = check_isolation(&scratch.paths, &scratch.home().join(workspace)).err();
    assert_eq!(found.map(|escape| escape.to_string()).as_deref(), expected);
}

#[test]
fn a_profile_of_its_own_passes() {
    let scratch = Scratch::dev();
    check(&scratch, "clawd-dev", None);
    scratch.directory(".clawdbot-dev");
    scratch.directory("clawd-dev");
    scratch.directory(".clawdbot");
    check(&scratch, "clawd-dev", None);
    check(&scratch, "projects/agent", None);
}

#[test]
fn a_workspace_of_the_default_profile_does_not() {
    let scratch = Scratch::dev();
    let overlap = |path: &str, owner: &str| {
        format!(
            "dev workspace {path} overlaps with {owner} of the default profile. Set agents.defaults.workspace in \
             ~/.clawdbot-dev/clawdbot.json to another directory, for example ~/clawd-dev"
        )
    };
    check(&scratch, "clawd", Some(&overlap("~/clawd", "~/clawd")));
    check(&scratch, "clawd/dev", Some(&overlap("~/clawd/dev", "~/clawd")));
    check(&scratch, ".clawdbot/w", Some(&overlap("~/.clawdbot/w", "~/.clawdbot")));
    let home = check_isolation(&scratch.paths, scratch.home());
    assert_eq!(home.unwrap_err().to_string(), overlap("~", "~/.clawdbot"));
}

#[test]
fn a_log_file_of_the_default_profile_does_not_pass() {
    let scratch = Scratch::dev();
    let check = |file: &str| check_log_file(&scratch.paths, &scratch.home().join(file));
    assert_eq!(check(".clawdbot-dev/logs/gateway.log"), Ok(()));
    assert_eq!(check("elsewhere.log"), Ok(()));
    assert_eq!(
        check(".clawdbot/logs/gateway.log").unwrap_err().to_string(),
        "dev log file ~/.clawdbot/logs/gateway.log overlaps with ~/.clawdbot of the default profile. Set logging.file \
         in ~/.clawdbot-dev/clawdbot.json to another file, or remove it: the default is \
         ~/.clawdbot-dev/logs/gateway.log"
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_also_into_nothing() {
    let text = |what: &str, path: &str, real: &str| {
        Some(format!(
            "dev {what} {path} leads to {real}, which is the default profile's. \
             Remove the symbolic link and start again"
        ))
    };
    let scratch = Scratch::dev();
    scratch.link(".clawdbot-dev", ".clawdbot");
    check(&scratch, "clawd-dev", text("state directory", "~/.clawdbot-dev", "~/.clawdbot").as_deref());

    let scratch = Scratch::dev();
    scratch.directory(".clawdbot");
    scratch.file(".clawdbot/clawdbot.json", "{}");
    scratch.directory(".clawdbot-dev");
    scratch.link(".clawdbot-dev/clawdbot.json", "../.clawdbot/clawdbot.json");
    check(
        &scratch,
        "clawd-dev",
        text("config", "~/.clawdbot-dev/clawdbot.json", "~/.clawdbot/clawdbot.json").as_deref(),
    );

    let scratch = Scratch::dev();
    scratch.directory("clawd");
    scratch.link("clawd-dev", "clawd");
    check(&scratch, "clawd-dev", text("workspace", "~/clawd-dev", "~/clawd").as_deref());
}

#[cfg(unix)]
#[test]
fn a_linked_default_profile_is_recognised_by_its_target() {
    let scratch = Scratch::dev();
    let elsewhere = TempDir::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), scratch.home().join("clawd")).unwrap();
    let found = check_isolation(&scratch.paths, &elsewhere.path().join("dev")).unwrap_err();
    assert!(matches!(found, Escape::Link { what: "workspace", .. }), "{found:?}");
}

#[cfg(unix)]
#[test]
fn a_circle_of_links_ends() {
    let scratch = Scratch::dev();
    scratch.link("one", "two");
    scratch.link("two", "one");
    real_path(&scratch.home().join("one"));
}

#[test]
fn only_dev_mode_is_fenced_in() {
    let scratch = Scratch::default_profile();
    check(&scratch, "clawd", None);
}

#[test]
fn a_key_of_the_default_profile_does_not() {
    let scratch = Scratch::dev();
    let tls = |directory: &str| TlsSettings {
        cert_path: scratch.home().join("certificate.pem"),
        key_path: scratch.home().join(directory).join("key.pem"),
        ca_path: None,
        may_make: false,
        made_here: false,
    };
    check_tls_isolation(&scratch.paths, &tls("elsewhere")).unwrap();
    let error = check_tls_isolation(&scratch.paths, &tls(".clawdbot/gateway/tls")).unwrap_err().to_string();
    let expected =
        "dev private key ~/.clawdbot/gateway/tls/key.pem overlaps with ~/.clawdbot of the default profile.";
    assert!(error.starts_with(expected), "{error}");
}
