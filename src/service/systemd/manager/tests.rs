use std::cell::RefCell;

use tempfile::TempDir;

use super::*;
use crate::platform::exec::recording::RecordingRunner;
use crate::platform::exec::{CommandOutput, ExecError};
use crate::platform::process::ExitReport;
use crate::service::ServiceNames;

const UNIT: &str = "clawdbot-gateway.service";
const RELOAD: &str = "systemctl --user --no-pager daemon-reload";

fn show() -> String {
    format!("systemctl --user --no-pager show {} {UNIT}", super::super::show::PROPERTIES)
}

fn on_unit(verb: &str) -> String {
    format!("systemctl --user --no-pager {verb} {UNIT}")
}

/// A home with or without a unit file, and a manager that answers as prepared.
struct Scene {
    home: TempDir,
    runner: RefCell<RecordingRunner>,
}

impl Scene {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), runner: RefCell::default() }
    }

    fn with_unit(text: &str) -> Self {
        let scene = Self::new();
        std::fs::create_dir_all(scene.path().parent().unwrap()).unwrap();
        std::fs::write(scene.path(), text).unwrap();
        scene
    }

    fn path(&self) -> PathBuf {
        self.home.path().join(".config/systemd/user").join(UNIT)
    }

    fn unit(&self) -> Option<String> {
        std::fs::read_to_string(self.path()).ok()
    }

    fn says(self, command: &str, text: &str) -> Self {
        self.runner.replace(self.runner.take().says(command, 0, text));
        self
    }

    fn fails(self, command: &str, stderr: &str) -> Self {
        let exit = ExitReport { code: Some(1), ..ExitReport::default() };
        let output = CommandOutput { exit, stdout: String::new(), stderr: stderr.to_owned() };
        self.runner.replace(self.runner.take().answer(command, Ok(output)));
        self
    }

    fn answers(self, command: &str, error: ExecError) -> Self {
        self.runner.replace(self.runner.take().answer(command, Err(error)));
        self
    }

    fn loads(self, more: &str) -> Self {
        let path = self.path();
        self.says(
            &show(),
            &format!("LoadState=loaded\nActiveState=active\nFragmentPath={}\n{more}", path.display()),
        )
    }

    fn act<T>(&self, act: impl FnOnce(&Systemd<'static>) -> T) -> T {
        let around =
            || Surroundings { systemd: true, user: Some("you".to_owned()), ..Surroundings::default() };
        let runner: &'static _ = Box::leak(Box::new(self.runner.take()));
        let done = act(&Systemd::new(self.home.path(), UNIT, runner, around));
        runner.assert_done();
        done
    }
}

fn spec() -> ServiceSpec {
    ServiceSpec {
        names: ServiceNames { unit: UNIT.to_owned(), label: String::new(), task: String::new() },
        description: "Clawdbot Gateway".to_owned(),
        argv: vec!["/usr/bin/clawdbot".to_owned(), "gateway".to_owned()],
        environment: BTreeMap::new(),
        stdout_log: PathBuf::new(),
        stderr_log: PathBuf::new(),
    }
}

#[test]
fn install_writes_loads_and_enables() {
    let scene = Scene::new().says(RELOAD, "").loads("").says(&on_unit("enable"), "");
    scene.act(|systemd| systemd.install(&spec())).unwrap();
    assert_eq!(scene.unit().unwrap(), render::unit(&spec()));
}

#[test]
fn a_failed_install_leaves_what_was_there() {
    let refused = "Failed to enable unit: Refusing to operate on alias name";
    let scene = Scene::with_unit("old").says(RELOAD, "").loads("").fails(&on_unit("enable"), refused);
    let scene = scene.says(RELOAD, "");
    let error = scene.act(|systemd| systemd.install(&spec())).unwrap_err();
    assert_eq!(error.to_string(), format!("systemctl enable failed: {refused}"));
    assert_eq!(scene.unit().as_deref(), Some("old"));

    let elsewhere = "LoadState=not-found\nActiveState=inactive\n";
    let scene = Scene::new().says(RELOAD, "").says(&show(), elsewhere).says(RELOAD, "");
    let error = scene.act(|systemd| systemd.install(&spec())).unwrap_err().to_string();
    assert!(error.contains("does not look at"), "{error}");
    assert_eq!(scene.unit(), None);
}

#[test]
fn a_mask_is_never_written_over() {
    let masked = "LoadState=masked\nActiveState=inactive\n";
    let scene = Scene::new().says(&show(), masked);
    let error = scene.act(ServiceManager::start).unwrap_err().to_string();
    assert!(error.ends_with(&format!("Run: systemctl --user unmask {UNIT}")), "{error}");
}

#[test]
fn start_and_restart_are_one_operation_each() {
    for (verb, act) in
        [("start", ServiceManager::start as fn(&Systemd<'static>) -> _), ("restart", ServiceManager::restart)]
    {
        let scene = Scene::new().loads("").says(&on_unit("reset-failed"), "").says(&on_unit(verb), "");
        scene.act(act).unwrap();
    }
}

#[test]
fn start_reads_a_file_that_the_manager_has_not_read() {
    for known in [
        "LoadState=not-found\nActiveState=inactive\n",
        "LoadState=loaded\nActiveState=active\nNeedDaemonReload=yes\n",
    ] {
        let scene = Scene::new().says(&show(), known).says(RELOAD, "").loads("");
        let scene = scene.says(&on_unit("reset-failed"), "").says(&on_unit("start"), "");
        scene.act(ServiceManager::start).unwrap();
    }
}

#[test]
fn a_start_that_fails_says_what_the_manager_said() {
    let said = "Job for clawdbot-gateway.service failed because the control process exited with error code.";
    let scene = Scene::new().loads("").fails(&on_unit("reset-failed"), "not loaded");
    let scene = scene.fails(&on_unit("start"), &format!("{said}\nSee more.\n"));
    let error = scene.act(ServiceManager::start).unwrap_err();
    assert_eq!(error.to_string(), format!("systemctl start failed: {said}"));
}

#[test]
fn stop_and_uninstall() {
    Scene::new().says(&on_unit("stop"), "").act(ServiceManager::stop).unwrap();
    let scene = Scene::with_unit("old").says(&on_unit("disable --now"), "");
    let scene = scene.fails(&on_unit("reset-failed"), "not loaded").says(RELOAD, "");
    scene.act(ServiceManager::uninstall).unwrap();
    assert_eq!(scene.unit(), None);
    let scene = Scene::with_unit("old").fails(&on_unit("disable --now"), "Access denied");
    scene.act(ServiceManager::uninstall).unwrap_err();
    assert_eq!(scene.unit().as_deref(), Some("old"));
}

#[test]
fn a_manager_out_of_reach_is_unavailable_with_advice() {
    let bus = "Failed to connect to bus: No medium found";
    let scene = Scene::new().fails(&show(), bus);
    let error = scene.act(ServiceManager::status).unwrap_err();
    assert_eq!(error.to_string(), format!("systemctl --user unavailable: {bus}"));
    assert!(matches!(error, ServiceError::Unavailable { hints, .. } if hints.len() == 2));
    let scene = Scene::new().answers(&show(), ExecError::NotFound("systemctl".to_owned()));
    let error = scene.act(ServiceManager::available).unwrap_err();
    assert!(error.to_string().starts_with("systemctl not available"), "{error}");
    let scene = Scene::with_unit("old").fails(RELOAD, bus).fails(RELOAD, bus);
    let error = scene.act(|systemd| systemd.install(&spec())).unwrap_err();
    assert!(matches!(error, ServiceError::Unavailable { .. }), "{error}");
    assert_eq!(scene.unit().as_deref(), Some("old"));
}

#[test]
fn a_manager_that_hangs_or_babbles_is_told() {
    let hung = ExecError::TimedOut {
        program: "systemctl".to_owned(),
        limit: std::time::Duration::from_secs(5),
        said: String::new(),
    };
    let error = Scene::new().answers(&show(), hung).act(ServiceManager::status).unwrap_err();
    assert_eq!(error.to_string(), "failed to run systemctl: no end within 5000 ms");
    let error = Scene::new().says(&show(), "\x1b[1mhello\nthere").act(ServiceManager::status).unwrap_err();
    assert_eq!(error.to_string(), "failed to understand systemctl show: [1mhello");
}

#[test]
fn the_last_lines_are_those_of_the_last_run() {
    let journal = "journalctl --quiet --no-pager --output=cat --lines=2 _SYSTEMD_INVOCATION_ID=abc";
    let scene = Scene::new().loads("InvocationID=abc\n").says(journal, "one\ntwo\n");
    assert_eq!(scene.act(|systemd| systemd.last_lines(2)), ["one", "two"]);
    let scene = Scene::new().loads("InvocationID=abc\n").fails(journal, "No journal files were found.");
    assert!(scene.act(|systemd| systemd.last_lines(2)).is_empty());
}

#[test]
fn lingering_is_asked_and_granted() {
    let asked = "loginctl show-user you --property=Linger";
    assert_eq!(Scene::new().says(asked, "Linger=no\n").act(ServiceManager::lingers), Some(false));
    assert_eq!(Scene::new().says(asked, "Linger=yes\n").act(ServiceManager::lingers), Some(true));
    assert_eq!(Scene::new().fails(asked, "not logged in").act(ServiceManager::lingers), None);
    let wanted = "loginctl --no-ask-password enable-linger";
    Scene::new().says(wanted, "").act(ServiceManager::linger).unwrap();
    let error = Scene::new().fails(wanted, "Access denied.").act(ServiceManager::linger).unwrap_err();
    let text = "loginctl enable-linger failed: Access denied. Run: sudo loginctl enable-linger you";
    assert_eq!(error.to_string(), text);
}

#[test]
fn other_gateways_stand_in_the_same_directory() {
    let scene = Scene::with_unit("[Service]\nExecStart=/bin/clawdbot gateway\n");
    let directory = scene.path().parent().unwrap().to_owned();
    std::fs::write(
        directory.join("clawdbot-gateway-work.service"),
        "[Service]\nExecStart=/bin/clawdbot --port 1\n",
    )
    .unwrap();
    std::fs::write(directory.join("other.service"), "[Service]\nExecStart=/bin/true\n").unwrap();
    std::fs::create_dir(directory.join("clawdbot.service.d")).unwrap();
    let others = scene.act(ServiceManager::others);
    assert_eq!(others.iter().map(Definition::port).collect::<Vec<_>>(), [Some(1)]);
    assert!(Scene::new().act(ServiceManager::others).is_empty());
}
