use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::{Schtasks, utf16};
use crate::platform::exec::ExecError;
use crate::platform::exec::recording::RecordingRunner;
use crate::profile::{EnvMap, ProfilePaths, ProfileRequest, resolve};
use crate::service::{Author, Runtime, ServiceManager, ServiceNames, ServiceSpec};

pub(super) const USER: &str = r"DESKTOP\you";

const QUERY: &str = "schtasks /Query /TN Clawdbot Gateway /V /FO CSV /NH";
const QUERY_ALL: &str = "schtasks /Query /FO CSV /NH";
const RUN: &str = "schtasks /Run /TN Clawdbot Gateway";
const END: &str = "schtasks /End /TN Clawdbot Gateway";
const ENABLE: &str = "schtasks /Change /TN Clawdbot Gateway /ENABLE";
const DELETE: &str = "schtasks /Delete /F /TN Clawdbot Gateway";
const RUNNING: &str = include_str!("../../../fixtures/service/schtasks/query-running.de.csv");
const FAILED: &str = include_str!("../../../fixtures/service/schtasks/query-failed.es.csv");
const PUBLISHED: &str = include_str!("../../../fixtures/service/schtasks/published.cmd");
/// What a German Windows says of a task that is not there.
const ABSENT: &str = "FEHLER: Das System kann die angegebene Datei nicht finden.\r\n";

pub(super) fn spec() -> ServiceSpec {
    let variables = [
        ("CLAWDBOT_PROFILE", "work"),
        ("CLAWDBOT_SERVICE_KIND", "gateway"),
        ("CLAWDBOT_SERVICE_MARKER", "clawdbot"),
    ];
    let argv = [r"C:\Program Files\R&D\clawdbot.exe", "--profile", "work", "gateway", "--port", "18789"];
    ServiceSpec {
        names: ServiceNames {
            unit: String::new(),
            label: String::new(),
            task: "Clawdbot Gateway".to_owned(),
        },
        description: "Clawdbot Gateway (profile: work, v0.1.0)".to_owned(),
        argv: argv.map(str::to_owned).to_vec(),
        environment: BTreeMap::from(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        stdout_log: PathBuf::from(r"C:\Users\J R\.clawdbot-work\logs\gateway.out.log"),
        stderr_log: PathBuf::from(r"C:\Users\J R\.clawdbot-work\logs\gateway.err.log"),
    }
}

/// A home directory, and what `schtasks` will answer.
struct Windows {
    _home: tempfile::TempDir,
    profile: ProfilePaths,
    runner: RecordingRunner,
}

impl Windows {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let request = ProfileRequest::default();
        let profile = resolve(&request, &EnvMap::default(), Some(home.path().to_owned())).unwrap().paths;
        fs::create_dir(&profile.state_dir).unwrap();
        Self { _home: home, profile, runner: RecordingRunner::default() }
    }

    fn says(mut self, command: &str, code: i32, said: &str) -> Self {
        self.runner = self.runner.says(command, code, said);
        self
    }

    fn without_task(self) -> Self {
        self.says(QUERY, 1, ABSENT).says(QUERY_ALL, 0, RUNNING)
    }

    fn create(self, code: i32, said: &str) -> Self {
        let xml = self.profile.state_dir.join("gateway-task.xml");
        let command = format!("schtasks /Create /F /TN Clawdbot Gateway /XML {}", xml.display());
        self.says(&command, code, said)
    }

    fn with(self, file: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.profile.state_dir.join(file), content).unwrap();
        self
    }

    /// Runs one verb; every answer has to be asked for.
    #[track_caller]
    fn run<T>(&self, verb: impl FnOnce(&Schtasks<'_>) -> T) -> T {
        let manager = Schtasks::new("Clawdbot Gateway", &self.profile, USER, &self.runner);
        let done = verb(&manager.hasty());
        self.runner.assert_done();
        done
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.profile.state_dir).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn install_registers_the_definition_and_starts_nothing() {
    let windows = Windows::new().with("gateway.cmd", PUBLISHED).create(0, "");
    windows.run(|manager| {
        manager.install(&spec()).unwrap();
        let definition = manager.definition().unwrap().unwrap();
        assert_eq!(definition, manager.parse(&manager.render(&spec())));
        assert_eq!((definition.author(), definition.argv), (Author::Ours, spec().argv));
    });
    assert_eq!(windows.files(), ["gateway-task.xml"]);
    let bytes = fs::read(windows.profile.state_dir.join("gateway-task.xml")).unwrap();
    assert_eq!(bytes[..4], [0xff, 0xfe, b'<', 0], "UTF-16 with a mark, or schtasks does not take it");
}

#[test]
fn a_failed_install_leaves_what_was_there() {
    let refused = "FEHLER: Zugriff verweigert";
    let windows = Windows::new().with("gateway.cmd", PUBLISHED).create(1, refused);
    let error = windows.run(|manager| manager.install(&spec()).unwrap_err());
    assert!(error.to_string().starts_with(&format!("schtasks create failed: {refused} (if that")), "{error}");
    assert_eq!(windows.files(), ["gateway.cmd"]);

    let old = utf16::encode("<Task/>");
    let windows = Windows::new().with("gateway-task.xml", &old).create(1, refused);
    windows.run(|manager| manager.install(&spec()).unwrap_err());
    assert_eq!(fs::read(windows.profile.state_dir.join("gateway-task.xml")).unwrap(), old);
}

#[test]
fn the_published_script_says_whose_the_task_is() {
    let windows = Windows::new().with("gateway-task.xml", "<Task/>").with("gateway.cmd", PUBLISHED);
    let definition = windows.run(|manager| manager.definition().unwrap().unwrap());
    assert_eq!((definition.author(), definition.port()), (Author::Published, Some(18789)));
    assert_eq!(Windows::new().run(|manager| manager.definition().unwrap()), None);
}

#[test]
fn start_registers_again_what_is_gone_and_enables_what_is_disabled() {
    let start = |windows: Windows| windows.run(|manager| manager.start().map_err(|error| error.to_string()));
    let gone = Windows::new().without_task().create(0, "").says(RUN, 0, "").says(QUERY, 0, RUNNING);
    assert_eq!(start(gone), Ok(()));
    assert_eq!(start(Windows::new().says(QUERY, 0, RUNNING)), Ok(()));
    let disabled =
        Windows::new().says(QUERY, 0, FAILED).says(RUN, 1, "").says(ENABLE, 0, "").says(RUN, 0, "");
    assert_eq!(start(disabled.says(QUERY, 0, RUNNING)), Ok(()));
    let refused = "ERROR: The task XML is malformed.";
    let windows = Windows::new().says(QUERY, 0, FAILED).says(RUN, 1, refused).says(ENABLE, 1, "");
    assert_eq!(start(windows.says(RUN, 1, refused)), Err(format!("schtasks run failed: {refused}")));
}

#[test]
fn a_start_that_is_refused_has_failed() {
    let start = |windows: Windows| windows.run(|manager| manager.start().map_err(|error| error.to_string()));
    let windows = || Windows::new().says(QUERY, 0, FAILED).says(RUN, 0, "");
    let again = FAILED.replace("9:15:02", "9:15:40");
    let ended = "schtasks run failed: the gateway ended with exit code 78";
    assert_eq!(start(windows().says(QUERY, 0, &again)), Err(ended.to_owned()));
    // The end of the run before says nothing about this one.
    let late = "schtasks run failed: not running after 0 s";
    assert_eq!(start(windows().says(QUERY, 0, FAILED)), Err(late.to_owned()));
}

#[test]
fn stop_returns_when_it_has_ended() {
    let stop = |windows: Windows| windows.run(|manager| manager.stop().map_err(|error| error.to_string()));
    assert_eq!(stop(Windows::new().says(QUERY, 0, RUNNING).says(END, 0, "").says(QUERY, 0, FAILED)), Ok(()));
    assert_eq!(stop(Windows::new().says(QUERY, 0, FAILED)), Ok(()));
    assert_eq!(stop(Windows::new().without_task()), Ok(()));
    // It ended by itself a moment before.
    assert_eq!(stop(Windows::new().says(QUERY, 0, RUNNING).says(END, 1, "?").says(QUERY, 0, FAILED)), Ok(()));
    let running = || Windows::new().says(QUERY, 0, RUNNING);
    assert_eq!(
        stop(running().says(END, 1, "Zugriff verweigert").says(QUERY, 0, RUNNING)),
        Err("schtasks end failed: Zugriff verweigert".to_owned())
    );
    assert_eq!(
        stop(running().says(END, 0, "").says(QUERY, 0, RUNNING)),
        Err("schtasks end failed: still running after 0 s".to_owned())
    );
}

#[test]
fn restart_ends_and_runs() {
    let running = Windows::new().says(QUERY, 0, RUNNING).says(QUERY, 0, RUNNING).says(END, 0, "");
    let running = running.says(QUERY, 0, FAILED).says(RUN, 0, "").says(QUERY, 0, RUNNING);
    running.run(|manager| manager.restart().unwrap());
    let gone = Windows::new().without_task().create(0, "").says(RUN, 0, "").says(QUERY, 0, RUNNING);
    gone.run(|manager| manager.restart().unwrap());
}

#[test]
fn uninstall_leaves_nothing() {
    let windows = Windows::new().with("gateway-task.xml", "").with("gateway.cmd", PUBLISHED);
    let windows = windows.says(QUERY, 0, FAILED).says(QUERY, 0, FAILED).says(DELETE, 0, "");
    windows.run(|manager| manager.uninstall().unwrap());
    assert_eq!(windows.files(), [""; 0]);
    Windows::new().without_task().run(|manager| manager.uninstall().unwrap());

    let windows = Windows::new().with("gateway-task.xml", "").says(QUERY, 0, FAILED).says(QUERY, 0, FAILED);
    let windows = windows.says(DELETE, 1, "Acceso denegado.");
    let error = windows.run(|manager| manager.uninstall().unwrap_err());
    assert_eq!(error.to_string(), "schtasks delete failed: Acceso denegado.");
    assert_eq!(windows.files(), ["gateway-task.xml"]);
}

#[test]
fn no_task_no_scheduler_and_no_windows_are_told_apart() {
    let status = |windows: Windows| {
        let status = windows.run(|manager| manager.status());
        status.map(|status| (status.loaded, status.runtime)).map_err(|error| error.to_string())
    };
    assert_eq!(status(Windows::new().says(QUERY, 0, RUNNING)), Ok((true, Runtime::Running)));
    assert_eq!(status(Windows::new().without_task()), Ok((false, Runtime::Stopped)));
    let down = "FEHLER: Der Dienst ist nicht gestartet.";
    assert_eq!(
        status(Windows::new().says(QUERY, 1, down).says(QUERY_ALL, 1, down)),
        Err(format!("schtasks unavailable: {down}"))
    );
    assert_eq!(
        status(Windows::new().says(QUERY, 0, "INFO: ???")),
        Err("failed to understand schtasks /Query: INFO: ???".to_owned())
    );
    let mut elsewhere = Windows::new();
    let missing = Err(ExecError::NotFound("schtasks".to_owned()));
    elsewhere.runner = elsewhere.runner.answer(QUERY, missing);
    assert_eq!(
        status(elsewhere),
        Err("schtasks not available; Scheduled Tasks are a part of Windows.".to_owned())
    );
}
