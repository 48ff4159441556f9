use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Launchd;
use crate::platform::exec::ExecError;
use crate::platform::exec::recording::RecordingRunner;
use crate::profile::{EnvMap, ProfileRequest, resolve};
use crate::service::{Runtime, ServiceError, ServiceManager, ServiceNames, ServiceSpec};

const PRINT: &str = "launchctl print gui/501/com.clawdbot.gateway";
const BOOTOUT: &str = "launchctl bootout gui/501/com.clawdbot.gateway";
const ENABLE: &str = "launchctl enable gui/501/com.clawdbot.gateway";
const RUNNING: &str = include_str!("../../../fixtures/service/launchd/print-running.txt");
const THROTTLED: &str = include_str!("../../../fixtures/service/launchd/print-throttled.txt");
const OURS: &str = include_str!("../../../fixtures/service/launchd/com.clawdbot.gateway.plist");
const PUBLISHED: &str = include_str!("../../../fixtures/service/launchd/published.plist");
const ABSENT: &str = "Could not find service \"com.clawdbot.gateway\" in domain for user gui: 501\n";

pub(super) fn spec() -> ServiceSpec {
    let variables = [
        ("CLAWDBOT_SERVICE_KIND", "gateway"),
        ("CLAWDBOT_SERVICE_MARKER", "clawdbot"),
        ("HOME", "/Users/you"),
    ];
    ServiceSpec {
        names: ServiceNames {
            unit: String::new(),
            label: "com.clawdbot.gateway".to_owned(),
            task: String::new(),
        },
        description: "Clawdbot Gateway (v0.1.0)".to_owned(),
        argv: ["/Users/you/Tools & more/clawdbot", "gateway", "--port", "18789"].map(str::to_owned).to_vec(),
        environment: BTreeMap::from(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        stdout_log: PathBuf::from("/Users/you/.clawdbot/logs/gateway.out.log"),
        stderr_log: PathBuf::from("/Users/you/.clawdbot/logs/gateway.err.log"),
    }
}

/// A home directory, and what `launchctl` will answer in it.
struct Mac {
    home: tempfile::TempDir,
    runner: RecordingRunner,
}

impl Mac {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), runner: RecordingRunner::default() }
    }

    fn says(mut self, command: &str, code: i32, said: &str) -> Self {
        self.runner = self.runner.says(command, code, said);
        self
    }

    fn bootstrap(self, code: i32, said: &str) -> Self {
        let command = format!("launchctl bootstrap gui/501 {}", self.plist("com.clawdbot.gateway").display());
        self.says(&command, code, said)
    }

    fn with_plist(self, label: &str, text: &str) -> Self {
        let path = self.plist(label);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn plist(&self, label: &str) -> PathBuf {
        self.home.path().join("Library/LaunchAgents").join(format!("{label}.plist"))
    }

    /// With its logs in this home.
    fn spec(&self) -> ServiceSpec {
        let logs = self.home.path().join("logs");
        ServiceSpec { stdout_log: logs.join("out"), stderr_log: logs.join("err"), ..spec() }
    }

    /// Runs one verb; every answer has to be asked for.
    #[track_caller]
    fn run<T>(self, verb: impl FnOnce(&Launchd<'_>) -> T) -> (T, tempfile::TempDir) {
        let home = Some(self.home.path().to_owned());
        let profile = resolve(&ProfileRequest::default(), &EnvMap::default(), home).unwrap();
        let manager = Launchd::new("com.clawdbot.gateway", &profile.paths, 501, &self.runner);
        let done = verb(&manager.hasty());
        self.runner.assert_done();
        (done, self.home)
    }
}

fn agents(home: &Path) -> Vec<String> {
    let entries = fs::read_dir(home.join("Library/LaunchAgents")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn install_writes_and_starts_nothing() {
    let mac = Mac::new().says(ENABLE, 0, "");
    let spec = mac.spec();
    let ((), home) = mac.run(|manager| {
        manager.install(&spec).unwrap();
        let definition = manager.definition().unwrap().unwrap();
        assert_eq!(definition.text, manager.render(&spec));
        assert_eq!(definition.path, manager.definition_path());
    });
    assert_eq!(agents(home.path()), ["com.clawdbot.gateway.plist"]);
    assert!(home.path().join("logs").is_dir(), "launchd makes no directories");
}

#[test]
fn what_was_replaced_is_loaded_again_by_the_next_start() {
    let mac = || Mac::new().with_plist("com.clawdbot.gateway", PUBLISHED);
    let again = |mac: Mac| {
        mac.says(BOOTOUT, 36, "Boot-out failed: 36: Operation now in progress")
            .says(PRINT, 113, ABSENT)
            .says(ENABLE, 0, "")
            .bootstrap(0, "")
            .says(PRINT, 0, RUNNING)
    };
    again(mac().says(PRINT, 0, RUNNING)).run(|manager| manager.restart().unwrap());
    again(mac().says(PRINT, 0, THROTTLED)).run(|manager| manager.start().unwrap());
}

#[test]
fn the_legacy_agent_makes_room() {
    let legacy = "com.steipete.clawdbot.gateway";
    let mac = Mac::new()
        .with_plist(legacy, PUBLISHED)
        .says(ENABLE, 0, "")
        .says(&format!("launchctl bootout gui/501/{legacy}"), 0, "")
        .says(&format!("launchctl print gui/501/{legacy}"), 113, ABSENT);
    fs::create_dir(mac.home.path().join(".Trash")).unwrap();
    let spec = mac.spec();
    let ((), home) = mac.run(|manager| manager.install(&spec).unwrap());
    assert_eq!(agents(home.path()), ["com.clawdbot.gateway.plist"]);
    assert!(home.path().join(".Trash").join(format!("{legacy}.plist")).exists());
}

#[test]
fn a_failed_install_leaves_what_was_there() {
    let refused = "Could not enable service: 1: Operation not permitted";
    let mac = Mac::new().with_plist("com.clawdbot.gateway", PUBLISHED).says(ENABLE, 1, refused);
    let (spec, plist) = (mac.spec(), mac.plist("com.clawdbot.gateway"));
    let (error, home) = mac.run(|manager| manager.install(&spec).unwrap_err());
    assert_eq!(error.to_string(), format!("launchctl enable failed: {refused}"));
    assert_eq!(fs::read_to_string(&plist).unwrap(), PUBLISHED);

    fs::remove_file(&plist).unwrap();
    let mac = Mac { home, runner: RecordingRunner::default() }.says(ENABLE, 1, refused);
    let (_, home) = mac.run(|manager| manager.install(&spec).unwrap_err());
    assert_eq!(agents(home.path()), [""; 0]);
}

#[test]
fn start_loads_what_launchd_has_forgotten() {
    let done = |mac: Mac| mac.run(|manager| manager.start().unwrap());
    let busy = "Bootstrap failed: 37: Operation already in progress";
    let mac = Mac::new().says(PRINT, 113, ABSENT).says(ENABLE, 0, "").bootstrap(37, busy).bootstrap(0, "");
    done(mac.says(PRINT, 0, RUNNING));
    done(Mac::new().says(PRINT, 0, RUNNING));
    let kickstart = "launchctl kickstart gui/501/com.clawdbot.gateway";
    let again = RUNNING.replace("runs = 1", "runs = 4");
    done(Mac::new().says(PRINT, 0, THROTTLED).says(kickstart, 0, "").says(PRINT, 0, &again));
}

#[test]
fn a_start_that_is_refused_has_failed() {
    let start = |mac: Mac| mac.run(|manager| manager.start().unwrap_err().to_string()).0;
    let mac = Mac::new().says(PRINT, 113, ABSENT).says(ENABLE, 0, "").bootstrap(0, "");
    assert_eq!(
        start(mac.says(PRINT, 0, THROTTLED)),
        "launchctl kickstart failed: the gateway ended with exit code 78"
    );
    // The end of the run before says nothing about this one.
    let kickstart = "launchctl kickstart gui/501/com.clawdbot.gateway";
    let mac = Mac::new().says(PRINT, 0, THROTTLED).says(kickstart, 0, "");
    assert_eq!(start(mac.says(PRINT, 0, THROTTLED)), "launchctl kickstart failed: not running after 0 s");
}

#[test]
fn restart_is_one_operation_of_launchd() {
    let kickstart = "launchctl kickstart -k gui/501/com.clawdbot.gateway";
    let again = RUNNING.replace("runs = 1", "runs = 2");
    let mac = Mac::new()
        .with_plist("com.clawdbot.gateway", OURS)
        .says(PRINT, 0, RUNNING)
        .says(kickstart, 0, "")
        .says(PRINT, 0, &again);
    mac.run(|manager| manager.restart().unwrap());
    let mac =
        Mac::new().says(PRINT, 113, ABSENT).says(ENABLE, 0, "").bootstrap(0, "").says(PRINT, 0, RUNNING);
    mac.run(|manager| manager.restart().unwrap());
}

#[test]
fn stop_returns_when_it_is_gone() {
    let stop = |mac: Mac| mac.run(|manager| manager.stop().map_err(|error| error.to_string())).0;
    assert_eq!(stop(Mac::new().says(BOOTOUT, 0, "").says(PRINT, 113, ABSENT)), Ok(()));
    for (code, said) in [(3, "Boot-out failed: 3: No such process"), (5, ABSENT), (113, "")] {
        assert_eq!(stop(Mac::new().says(BOOTOUT, code, said)), Ok(()), "{said}");
    }
    assert_eq!(
        stop(Mac::new().says(BOOTOUT, 0, "").says(PRINT, 0, RUNNING)),
        Err("launchctl bootout failed: still loaded after 0 s".to_owned())
    );
    let said = "Boot-out failed: 150: Operation not permitted while System Integrity Protection is engaged";
    assert_eq!(stop(Mac::new().says(BOOTOUT, 150, said)), Err(format!("launchctl bootout failed: {said}")));
}

#[test]
fn uninstall_leaves_nothing() {
    let mac = Mac::new().with_plist("com.clawdbot.gateway", OURS);
    let mac = mac.says(PRINT, 0, RUNNING).says(BOOTOUT, 0, "").says(PRINT, 113, ABSENT);
    let ((), home) = mac.run(|manager| manager.uninstall().unwrap());
    assert_eq!(agents(home.path()), [""; 0]);

    Mac::new().says(PRINT, 113, ABSENT).run(|manager| manager.uninstall().unwrap());
}

#[test]
fn what_launchd_knows_without_a_file_is_told() {
    let (status, _) = Mac::new().says(PRINT, 0, RUNNING).run(|manager| manager.status().unwrap());
    assert_eq!((status.loaded, status.runtime, status.pid), (true, Runtime::Running, Some(4242)));
    assert!(status.detail.unwrap().ends_with("com.clawdbot.gateway.plist is gone"));
    let mac = Mac::new().with_plist("com.clawdbot.gateway", OURS).says(PRINT, 0, RUNNING);
    let (status, _) = mac.run(|manager| manager.status().unwrap());
    assert_eq!(
        status.detail.as_deref(),
        Some("loaded from /Users/you/Library/LaunchAgents/com.clawdbot.gateway.plist")
    );
    let (status, _) = Mac::new().says(PRINT, 113, ABSENT).run(|manager| manager.status().unwrap());
    assert_eq!((status.loaded, status.runtime), (false, Runtime::Stopped));
}

#[test]
fn every_failure_says_which_step_and_why() {
    let said = "Bootstrap failed: 5: Input/output error";
    let mac = Mac::new().says(PRINT, 113, ABSENT).says(ENABLE, 0, "").bootstrap(5, said);
    let (error, _) = mac.run(|manager| manager.start().unwrap_err());
    assert_eq!(error.to_string(), format!("launchctl bootstrap failed: {said}"));

    let (error, _) = Mac::new().says(PRINT, 77, "").run(|manager| manager.status().unwrap_err());
    assert_eq!(error.to_string(), "launchctl print failed: exit code 77");

    let mac = Mac::new();
    fs::create_dir_all(mac.plist("com.clawdbot.gateway")).unwrap();
    let (error, _) = mac.run(|manager| manager.definition().unwrap_err());
    assert!(matches!(error, ServiceError::Read { .. }), "{error}");
}

#[test]
fn a_mac_without_a_login_and_a_system_without_launchd_are_told_apart() {
    let available = |runner: RecordingRunner| {
        let mac = Mac { home: tempfile::tempdir().unwrap(), runner };
        mac.run(|manager| manager.available().map_err(|error| error.to_string())).0
    };
    assert_eq!(available(RecordingRunner::default().says(PRINT, 0, RUNNING)), Ok(()));
    for (code, said) in
        [(112, "Could not find specified domain"), (125, "Domain does not support specified action")]
    {
        let answer = RecordingRunner::default().says(PRINT, code, said);
        assert_eq!(available(answer), Err(format!("launchctl unavailable: {said}")));
    }
    let missing = Err(ExecError::NotFound("launchctl".to_owned()));
    assert_eq!(
        available(RecordingRunner::default().answer(PRINT, missing)),
        Err("launchctl not available; LaunchAgents are a part of macOS.".to_owned())
    );
}
