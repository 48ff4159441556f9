//! A profile of its own whose gateway is a service of the user's real manager.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::support::home::Home;
use crate::support::http::{self, Health};
use crate::support::program::{BINARY, Finished, Run, fresh_mark, inherited, not_run};
use crate::support::wait::{PATIENCE, until};

/// A configuration that a gateway starts with.
pub(super) const CONFIG: &str = "{ gateway: { mode: 'local' } }";

/// What reaches the manager.
const SESSION: [&str; 2] = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// The right to use the user's manager. One test at a time: whoever has it read its files again changes what it counts
/// of other units.
#[derive(Debug)]
pub(super) struct Manager {
    _turn: MutexGuard<'static, ()>,
    /// Its home directory: units outside it are not found.
    home: PathBuf,
}

impl Manager {
    /// Waits for its turn; `None` where there is no manager to be used.
    pub(super) fn take() -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());

        if !may_use_systemd() {
            return None;
        }
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = systemctl(&["show-environment"]);
        let home = shown.lines().find_map(|line| line.strip_prefix("HOME=")).expect("the manager has a home");
        Some(Self { _turn: turn, home: PathBuf::from(home) })
    }
}

/// A profile that nobody else has. Its unit and its directories are removed when dropped.
#[derive(Debug)]
pub(super) struct Service {
    /// The profile's name.
    pub(super) name: String,
    /// The manager's home directory.
    home: PathBuf,
    /// Where the commands are typed.
    pub(super) place: Home,
    /// The program that is installed.
    pub(super) program: PathBuf,
}

impl Service {
    /// A profile with a configuration.
    pub(super) fn new(manager: &Manager, config: &str) -> Self {
        let service = Self {
            name: format!("test-{}", &fresh_mark()[..8]),
            home: manager.home.clone(),
            place: Home::new(),
            program: PathBuf::from(BINARY),
        };
        service.configure(config);
        service
    }

    /// The same with its own copy of the program.
    pub(super) fn with_own_program(manager: &Manager, config: &str) -> Self {
        let mut service = Self::new(manager, config);
        service.program = service.place.path().join("clawdbot");
        fs::copy(BINARY, &service.program).unwrap();
        service
    }

    /// Writes the configuration.
    pub(super) fn configure(&self, config: &str) {
        fs::create_dir_all(self.state()).unwrap();
        fs::write(self.state().join("clawdbot.json"), config).unwrap();
    }

    /// A command with everything that reaches the manager.
    pub(super) fn command(&self, arguments: &[&str]) -> Run {
        let arguments = [&["--profile", self.name.as_str()][..], arguments].concat();
        let mut run = Run::of(&self.program, &self.place, &arguments).env("HOME", &self.home);
        for name in SESSION {
            if let Some(value) = inherited(name) {
                run = run.env(name, value);
            }
        }
        run.patience(PATIENCE * 3)
    }

    /// `gateway …` to its end.
    pub(super) fn gateway(&self, arguments: &[&str]) -> Finished {
        self.command(&[&["gateway"][..], arguments].concat()).finish()
    }

    /// Installs and starts it on a free port.
    #[track_caller]
    pub(super) fn start(&self) {
        self.gateway(&["install", "--port", "0", "--start"]).expect_code(0);
    }

    pub(super) fn unit(&self) -> String {
        format!("clawdbot-gateway-{}.service", self.name)
    }

    pub(super) fn unit_file(&self) -> PathBuf {
        self.home.join(".config/systemd/user").join(self.unit())
    }

    pub(super) fn state(&self) -> PathBuf {
        self.home.join(format!(".clawdbot-{}", self.name))
    }

    /// A property of the unit.
    pub(super) fn show(&self, property: &str) -> String {
        systemctl(&["show", "--value", "--property", property, &self.unit()]).trim().to_owned()
    }

    /// The process that the manager has started.
    pub(super) fn pid(&self) -> u32 {
        self.show("MainPID").parse().unwrap()
    }

    /// Where the gateway listens, as its runtime file says.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let file = fs::read_to_string(self.state().join("gateway.json")).ok()?;
        let file: Value = serde_json::from_str(&file).ok()?;
        let port = file["url"].as_str()?.rsplit(':').next()?.parse().ok()?;
        Some((Ipv4Addr::LOCALHOST, port).into())
    }

    /// What it answers right now.
    pub(super) fn health(&self) -> Option<Health> {
        http::health(self.address()?, Duration::from_secs(1)).ok()
    }

    /// Waits until another process than `before` answers; its pid.
    #[track_caller]
    pub(super) fn answers_after(&self, before: u32) -> u32 {
        let other = || self.health().map(|health| health.pid).filter(|pid| *pid != before);
        until("another process answers", PATIENCE, other)
    }

    /// Adds to the unit what `systemctl --user edit` would add.
    pub(super) fn add(&self, lines: &str) {
        let directory = self.unit_file().with_extension("service.d");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("override.conf"), lines).unwrap();
        systemctl(&["daemon-reload"]);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        systemctl(&["disable", "--now", &self.unit()]);
        let _ = fs::remove_file(self.unit_file());
        let _ = fs::remove_dir_all(self.unit_file().with_extension("service.d"));
        let _ = fs::remove_dir_all(self.state());
        let _ = fs::remove_dir_all(self.home.join(format!("clawd-{}", self.name)));
        systemctl(&["reset-failed", &self.unit()]);
        systemctl(&["daemon-reload"]);
    }
}

/// Runs the real `systemctl --user`; what it prints.
pub(super) fn systemctl(arguments: &[&str]) -> String {
    #[expect(clippy::disallowed_methods, reason = "the tests look at what the manager says")]
    let output = Command::new("systemctl").args(["--user", "--no-pager"]).args(arguments).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether the image of a process is the file that stands at `path` now.
pub(super) fn runs_file(pid: u32, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (image, file) = (fs::metadata(format!("/proc/{pid}/exe")), fs::metadata(path));
    matches!((image, file), (Ok(image), Ok(file)) if (image.dev(), image.ino()) == (file.dev(), file.ino()))
}

fn may_use_systemd() -> bool {
    match inherited("CLAWDBOT_TEST_SYSTEMD").as_deref() {
        Some("1") => true,
        Some("unavailable") => {
            not_run("there is no user's systemd manager on this machine");
            false
        }
        _ => {
            let on_ci = inherited("CI").as_deref() == Some("true");
            assert!(!on_ci, "CLAWDBOT_TEST_SYSTEMD is not set on CI; see .ci/run");
            not_run("CLAWDBOT_TEST_SYSTEMD=1 would let it use your systemd manager");
            false
        }
    }
}
