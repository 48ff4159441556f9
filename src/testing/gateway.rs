//! The gateway of a test: its own home directory, port, and token.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::gateway::{GatewayInit, Running, Standby, StartError};
use crate::harness::supervisor::plan::{Planner, Problem};
use crate::listeners::Bound;
use crate::platform::tree::{self, CopyError, Strange};
use crate::profile::{EnvMap, ProfileRequest, resolve};
use crate::settings::{RunFlags, Secret};

/// How long clients have to answer the goodbye.
const GRACE: Duration = Duration::from_millis(500);

/// What it runs with when nothing else is asked for.
const CONFIG: &str = "{ gateway: { mode: 'local' } }";

/// A gateway that serves, in the runtime of the test, with a home directory that goes away with it. Any number of them
/// can serve in one process.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use clawdbot::testing::Gateway;
///
/// let gateway = Gateway::start().await?;
/// assert!(gateway.url().starts_with("ws://127.0.0.1:"));
/// tokio::net::TcpStream::connect(("127.0.0.1", gateway.port())).await?;
/// gateway.stop().await;
/// # Ok(())
/// # })
/// # }
/// ```
///
/// With a configuration, or a home directory that reproduces something:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use clawdbot::testing::Gateway;
///
/// let gateway = Gateway::builder()
///     .config("{ gateway: { mode: 'local', auth: { token: 'known' } } }")
///     .start()
///     .await?;
/// assert_eq!(gateway.token(), Some("known"));
/// gateway.stop().await;
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Debug)]
pub struct Gateway {
    running: Running,
    url: String,
    port: u16,
    token: Option<Secret>,
    state_dir: PathBuf,
    config_path: PathBuf,
    // Last: what is in it is used until the gateway is dropped.
    home: TempDir,
}

/// What a gateway starts from.
#[derive(Debug, Clone, Default)]
pub struct GatewayBuilder {
    home_from: Option<PathBuf>,
    config: Option<String>,
    env: BTreeMap<String, String>,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The home directory could not be made.
    #[error("failed to make the home directory: {0}")]
    Home(#[from] io::Error),
    /// The home directory could not be copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// A gateway may not run with the configuration.
    #[error("the gateway is refused: {0}")]
    Refused(String),
    /// It could not be started.
    #[error("failed to start: {0}")]
    Start(#[from] StartError),
}

// === impl GatewayBuilder ===

impl GatewayBuilder {
    /// Starts from a copy of a home directory, such as that of a fixture.
    #[must_use]
    pub fn home_from(mut self, directory: impl Into<PathBuf>) -> Self {
        self.home_from = Some(directory.into());
        self
    }

    /// Starts with this configuration, as JSON5.
    #[must_use]
    pub fn config(mut self, text: impl Into<String>) -> Self {
        self.config = Some(text.into());
        self
    }

    /// Sets a variable that the configuration may name. Nothing of the test's own environment is seen.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts it, on a free port. It has a token: the one of its configuration, or a new one. Serves in the runtime
    /// that this is called in.
    pub async fn start(self) -> Result<Gateway, GatewayError> {
        let home = tempfile::Builder::new().prefix("clawdbot-test-").tempdir()?;
        let path = home.path().canonicalize()?;
        if let Some(from) = &self.home_from {
            tree::copy(from, &path, Strange::LeftOut)?;
        }
        let request = ProfileRequest { working_dir: Some(path.clone()), ..ProfileRequest::default() };
        let profile = resolve(&request, &EnvMap::new(self.env), Some(path))
            .map_err(|error| GatewayError::Refused(error.to_string()))?;
        let paths = profile.paths;
        fs::create_dir_all(&paths.state_dir)?;
        if let Some(text) = self.config.as_deref().or_else(|| self.home_from.is_none().then_some(CONFIG)) {
            fs::write(&paths.config_path, text)?;
        }
        let mut planner = Planner {
            paths,
            env: profile.env,
            flags: RunFlags { port: Some(0), ..RunFlags::default() },
            command: None,
        };
        let mut reading = planner.read().map_err(refused)?;
        if reading.settings.auth.token.is_none() && reading.settings.auth.password.is_none() {
            planner.flags.token = Some(Secret::new(uuid::Uuid::new_v4().simple().to_string()));
            reading = planner.read().map_err(refused)?;
        }
        let listeners = Bound::default()
            .listen(&reading.bind, 0)
            .map_err(|error| GatewayError::Refused(format!("{}: {}", error.address, error.source)))?;
        let sockets: io::Result<Vec<_>> =
            listeners.sockets().iter().map(std::net::TcpListener::try_clone).collect();
        let paths = planner.paths;
        let (state_dir, config_path) = (paths.state_dir.clone(), paths.config_path.clone());
        let token = reading.settings.auth.token.clone();
        let init = GatewayInit {
            paths,
            env: reading.env,
            snapshot: reading.snapshot,
            settings: reading.settings,
            listeners: sockets?,
            generation: 1,
        };
        let running = Standby::prepare(init).await?.activate().await?;
        let url = running.report().urls.into_iter().next().unwrap_or_default();
        let port = listeners.sockets().first().map(std::net::TcpListener::local_addr).transpose()?;
        let port = port.map_or(0, |address| address.port());
        Ok(Gateway { running, url, port, token, state_dir, config_path, home })
    }
}

/// The problem as one line.
fn refused(problem: Problem) -> GatewayError {
    GatewayError::Refused(match problem {
        Problem::Config { issues, .. } => {
            let issues = issues.iter().map(|issue| format!("{}: {}", issue.path, issue.message));
            issues.collect::<Vec<_>>().join("; ")
        }
        Problem::Missing(path) => format!("no config at {}", path.display()),
        Problem::Dotenv(message) | Problem::Refused(message) => message,
        Problem::Address { address, kind } => format!("{address}: {kind}"),
    })
}

// === impl Gateway ===

impl Gateway {
    /// Starts one with the least configuration.
    pub async fn start() -> Result<Self, GatewayError> {
        Self::builder().start().await
    }

    /// Starts one from something else.
    pub fn builder() -> GatewayBuilder {
        GatewayBuilder::default()
    }

    /// The first address, `ws://HOST:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The token; `None` when the configuration has a password instead.
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(Secret::expose)
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The state directory.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// The configuration file.
    pub fn config_path(&self) -> &Path {
        &self.config_path
    }

    /// Says goodbye to its clients, writes its state, and removes the home directory. Without this call the gateway ends
    /// with the runtime.
    pub async fn stop(self) {
        let Self { mut running, home, .. } = self;
        running.quiesce().await;
        running.goodbye(None, GRACE).await;
        drop(home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_serve_beside_each_other_and_leave_nothing() {
        let (one, other) = (Gateway::start().await.unwrap(), Gateway::start().await.unwrap());
        assert_ne!((one.port(), one.token()), (other.port(), other.token()));
        let homes = [one.home().to_owned(), other.home().to_owned()];
        for gateway in [one, other] {
            assert!(gateway.config_path().starts_with(gateway.state_dir()));
            tokio::net::TcpStream::connect(("127.0.0.1", gateway.port())).await.unwrap();
            gateway.stop().await;
        }
        assert!(homes.iter().all(|home| !home.exists()));
    }

    #[tokio::test]
    async fn a_fixture_is_a_start() {
        let profiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles");
        let gateway = Gateway::builder().home_from(profiles.join("env-file/home")).start().await.unwrap();
        assert_eq!(gateway.token(), Some("from-the-file"));
        gateway.stop().await;
        let refused =
            Gateway::builder().home_from(profiles.join("unknown-key/home")).start().await.unwrap_err();
        assert!(refused.to_string().contains("prot"), "{refused}");
    }
}
