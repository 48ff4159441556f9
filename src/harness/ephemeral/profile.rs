//! The home directory of a run, and the environments of the two who use it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{JOB_VARIABLE, Job, Task};
use crate::harness::fixture::generate;
use crate::platform::atomic;
use crate::platform::env::HOME;
use crate::platform::tree::{self, CopyError, Strange};
use crate::profile::vars;

/// What a gateway runs with when nothing else is asked for.
const CONFIG: &str = "{\n  \"gateway\": { \"mode\": \"local\", \"bind\": \"loopback\" },\n  \"agents\": { \"defaults\": { \"skipBootstrap\": true } }\n}\n";

/// Why there is no home directory.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Something cannot be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// The system refused.
    #[error("failed to create {path}: {source}")]
    Create {
        /// What was to be created.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes the directory of the run and the home in it; returns the home.
pub fn make(job: &Job) -> Result<PathBuf, ProfileError> {
    let home = job.directory.join("home");
    let create = |path: &Path| {
        let failed = |source| ProfileError::Create { path: path.to_owned(), source };
        atomic::private_directory(path).map_err(failed)
    };
    create(&home)?;
    match &job.home_from {
        Some(from) => {
            let strange = if job.fixture.is_some() { Strange::Refused } else { Strange::LeftOut };
            tree::copy(from, &home, strange)?;
        }
        // A gateway in dev mode makes its own.
        None if matches!(job.task, Task::Gateway(_) | Task::Replay(_)) => {}
        None => {
            create(&home.join(".clawdbot"))?;
            create(&home.join("clawd"))?;
            let path = home.join(".clawdbot").join("clawdbot.json");
            private_file(&path, CONFIG).map_err(|source| ProfileError::Create { path, source })?;
        }
    }
    if let Some(fixture) = &job.fixture {
        generate(fixture.generate, &home)
            .map_err(|source| ProfileError::Create { path: home.clone(), source })?;
    }
    Ok(home)
}

/// Nobody else looks at it yet, so it need not appear whole, nor survive a power failure.
fn private_file(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The environment of the gateway: the one of the job without anything that points at another profile, service, or
/// desktop.
pub fn gateway_env(job: &Job, outer: &BTreeMap<String, String>, home: &Path) -> BTreeMap<String, String> {
    let foreign = ["XDG_", "LISTEN_", "NOTIFY_SOCKET", "WATCHDOG_"];
    let mut env = without_gateway(outer);
    env.retain(|name, _| !foreign.iter().any(|prefix| name.starts_with(prefix)));
    env.insert(HOME.to_owned(), home.to_string_lossy().into_owned());
    env.extend(job.gateway_env.iter().cloned());
    env.extend(job.env.iter().cloned());
    env
}

/// What the command is told about the gateway.
#[derive(Debug)]
pub struct Facts<'a> {
    /// First address.
    pub url: &'a str,
    /// Its port.
    pub port: u16,
    /// The token, if there is one.
    pub token: Option<&'a str>,
    /// The password, if there is one.
    pub password: Option<&'a str>,
    /// State directory.
    pub state_dir: &'a Path,
    /// Configuration file.
    pub config_path: &'a Path,
    /// Name of the profile; `default` when it has none.
    pub profile: &'a str,
}

/// The environment of the command: its own, with the gateway's facts in place of any others.
pub fn command_env(
    job: &Job,
    outer: &BTreeMap<String, String>,
    facts: &Facts<'_>,
) -> BTreeMap<String, String> {
    let mut env = without_gateway(outer);
    let mut set = |name: &str, value: &str| drop(env.insert(name.to_owned(), value.to_owned()));
    set("CLAWDBOT_GATEWAY_URL", facts.url);
    set(vars::GATEWAY_PORT, &facts.port.to_string());
    facts.token.into_iter().for_each(|token| set(vars::GATEWAY_TOKEN, token));
    facts.password.into_iter().for_each(|password| set(vars::GATEWAY_PASSWORD, password));
    set(vars::STATE_DIR, &facts.state_dir.to_string_lossy());
    set(vars::CONFIG_PATH, &facts.config_path.to_string_lossy());
    set(vars::PROFILE, facts.profile);
    env.extend(job.env.iter().cloned());
    env
}

/// The environment without whatever points at a gateway or a profile.
fn without_gateway(env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let named = [vars::STATE_DIR, vars::CONFIG_PATH, vars::PROFILE, JOB_VARIABLE];
    let points = |name: &str| name.starts_with("CLAWDBOT_GATEWAY_") || named.contains(&name);
    env.iter().filter(|(name, _)| !points(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Job {
            directory: PathBuf::from("/tmp/run"),
            home_from: None,
            fixture: None,
            gateway: Vec::new(),
            foreign: None,
            gateway_env: vec![pair("OF_THE_GATEWAY", "1")],
            env: vec![pair("OF_BOTH", "2"), pair("CLAWDBOT_PROFILE", "asked")],
            keep: false,
            artifacts: None,
            timeout: None,
            events: false,
            task: Task::Command(vec!["true".to_owned()]),
        }
    }

    fn outer() -> BTreeMap<String, String> {
        [
            "CLAWDBOT_STATE_DIR",
            "CLAWDBOT_GATEWAY_PASSWORD",
            "CLAWDBOT_PROFILE",
            "HOME",
            "PATH",
            "NOTIFY_SOCKET",
        ]
        .into_iter()
        .map(|name| (name.to_owned(), "outer".to_owned()))
        .collect()
    }

    fn shown(env: &BTreeMap<String, String>) -> String {
        env.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_gateway_sees_no_other_profile() {
        assert_eq!(
            shown(&gateway_env(&job(), &outer(), Path::new("/tmp/run/home"))),
            "CLAWDBOT_PROFILE=asked HOME=/tmp/run/home OF_BOTH=2 OF_THE_GATEWAY=1 PATH=outer"
        );
    }

    #[test]
    fn the_command_sees_this_gateway_and_nothing_of_another() {
        let facts = Facts {
            url: "ws://127.0.0.1:5",
            port: 5,
            token: Some("t"),
            password: None,
            state_dir: Path::new("/s"),
            config_path: Path::new("/c"),
            profile: "default",
        };
        let mut job = job();
        job.env.pop();
        assert_eq!(
            shown(&command_env(&job, &outer(), &facts)),
            "CLAWDBOT_CONFIG_PATH=/c CLAWDBOT_GATEWAY_PORT=5 CLAWDBOT_GATEWAY_TOKEN=t \
             CLAWDBOT_GATEWAY_URL=ws://127.0.0.1:5 CLAWDBOT_PROFILE=default CLAWDBOT_STATE_DIR=/s HOME=outer \
             NOTIFY_SOCKET=outer OF_BOTH=2 PATH=outer"
        );
    }
}
