//! What commands that talk to a gateway share: which gateway, connecting, one request, and how failures read.

mod trust;

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::args::ClientArgs;
use crate::cli::error::ExpectedError;
use crate::cli::output::Printer;
use crate::client::target::{RunningGateway, Target, TargetRequest, resolve};
use crate::client::{
    ClientError, ConnectOptions, Connection, DeviceIdentity, IdentityError, TokenStore, connect, probe,
};
use crate::config::{self, Config, ConfigSnapshot, Outcome, load};
use crate::profile::{EnvMap, ResolvedProfile};
use crate::settings::BindMode;
use crate::tls::TrustError;

/// One request.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// The method.
    pub(super) method: &'a str,
    /// Its parameters.
    pub(super) params: Value,
    /// What stands before `Error: …` when it fails.
    pub(super) failure: &'static str,
}

/// What is known when something fails.
#[derive(Debug)]
struct Context<'a> {
    target: &'a Target,
    bind: BindMode,
    profile: &'a ResolvedProfile,
    failure: &'static str,
}

/// What is known before a gateway is looked for.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// The profile.
    pub(super) profile: &'a ResolvedProfile,
    /// The environment, with the profile's `.env` below it.
    pub(super) env: EnvMap,
    /// The configuration file.
    pub(super) snapshot: ConfigSnapshot,
    /// What it says, when it can be used.
    pub(super) config: Config,
    /// The gateway that runs in this profile.
    pub(super) running: Option<RunningGateway>,
}

impl<'a> Known<'a> {
    /// Reads it. Connects to nothing.
    pub(super) fn read(profile: &'a ResolvedProfile, printer: &Printer) -> Self {
        let env = environment(profile, printer);
        let snapshot = load(&profile.paths.config_path, &env);
        let config = usable(&snapshot);
        let running = RunningGateway::read(&profile.paths.runtime_file);
        Self { profile, env, snapshot, config, running }
    }

    /// The port that a gateway of this profile would listen on.
    pub(super) fn port(&self) -> u16 {
        self.env.port().or(self.config.gateway.port).unwrap_or(self.profile.paths.default_port)
    }

    /// The gateway that the arguments mean. Without `running`, the one that runs is not considered.
    pub(super) fn target(&self, args: &ClientArgs, running: Option<&RunningGateway>) -> Target {
        resolve(&TargetRequest {
            url: args.url.as_deref(),
            token: args.token.as_ref(),
            password: args.password.as_ref(),
            tls_fingerprint: args.tls_fingerprint,
            running,
            config: &self.config.gateway,
            env: &self.env,
            exported: &self.profile.env,
            default_port: self.profile.paths.default_port,
        })
    }

    /// Whether a gateway answers there. Logs in nowhere.
    pub(super) async fn greets(&self, target: &Target, limit: Duration) -> Result<(), ClientError> {
        let pin = trust::pin(target, &self.config, &self.profile.paths)?;
        probe(&target.url, pin, limit).await
    }

    /// Connects to one as this machine's command-line client.
    pub(super) async fn open(&self, target: &Target, limit: Duration) -> Result<Connection, ClientError> {
        let begin = Instant::now();
        let paths = &self.profile.paths;
        let pin = trust::pin(target, &self.config, paths)?;
        if !DeviceIdentity::exists(&paths.state_dir) {
            // Asking where nothing runs should leave no files behind.
            probe(&target.url, pin, limit).await?;
        }
        let mut options = options(target, &paths.state_dir)?;
        options.pin = pin;
        options.timeout = limit.saturating_sub(begin.elapsed());
        connect(&options).await.map_err(|error| since_the_start(error, limit))
    }
}

/// Time is counted from the start of the command, as the person sees it.
fn since_the_start(error: ClientError, limit: Duration) -> ClientError {
    match error {
        ClientError::Timeout(_) => ClientError::Timeout(limit),
        error => error,
    }
}

/// Calls one method of the gateway that the arguments mean, within `--timeout`.
pub(super) fn ask(
    question: Question<'_>,
    args: &ClientArgs,
    profile: &ResolvedProfile,
    printer: &Printer,
) -> Result<Value, ExpectedError> {
    let known = Known::read(profile, printer);
    if let Outcome::Invalid(issues) = &known.snapshot.outcome {
        let first = issues.first().map(|issue| issue.message.as_str()).unwrap_or_default();
        let path = known.snapshot.path.display();
        printer.error(&format!("Note: {path} is invalid and was not used to find the gateway: {first}"));
    }
    let target = known.target(args, known.running.as_ref());
    let bind = known.config.gateway.bind.unwrap_or_default();
    let context = Context { target: &target, bind, profile, failure: question.failure };
    let failed = |error: ClientError| context.expected(&error);
    let limit = Duration::from_millis(args.timeout_ms);
    block_on(async {
        let begin = Instant::now();
        let mut connection = known.open(&target, limit).await.map_err(failed)?;
        context.check_owner(connection.hello().snapshot.state_dir.as_deref(), printer)?;
        let left = limit.saturating_sub(begin.elapsed());
        let answer = connection.request(question.method, question.params, left).await;
        let answer = answer.map_err(|error| failed(since_the_start(error, limit)))?;
        connection.close().await;
        Ok(answer)
    })
}

/// The environment with the profile's `.env` below it, as the gateway has it.
pub(super) fn environment(profile: &ResolvedProfile, printer: &Printer) -> EnvMap {
    let path = &profile.paths.dotenv;
    config::environment(path, &profile.env).unwrap_or_else(|fault| {
        printer.error(&format!("Note: {} was not used: {fault}", path.display()));
        profile.env.clone()
    })
}

/// The configuration, or the one of somebody who has written none.
pub(super) fn usable(snapshot: &ConfigSnapshot) -> Config {
    match snapshot.outcome {
        Outcome::Valid => Config::from_resolved(&snapshot.resolved),
        Outcome::Missing | Outcome::Invalid(_) => Config::default(),
    }
}

fn options(target: &Target, state_dir: &Path) -> Result<ConnectOptions, IdentityError> {
    let identity = match DeviceIdentity::load_or_create(state_dir) {
        Ok(identity) => Some(identity),
        // The token is enough.
        Err(_) if target.token.is_some() => None,
        Err(error) => return Err(error),
    };
    let mut options = ConnectOptions::cli(&target.url);
    options.token.clone_from(&target.token);
    options.password.clone_from(&target.password);
    let known = identity.as_ref().filter(|_| target.is_known);
    options.tokens = known.map(|identity| TokenStore::new(state_dir, identity.device_id()));
    options.identity = identity;
    Ok(options)
}

/// Runs a future to its end on this thread. A name that is still being looked up does not delay the exit.
pub(super) fn block_on<T>(
    future: impl Future<Output = Result<T, ExpectedError>>,
) -> Result<T, ExpectedError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| ExpectedError::Failed(format!("failed to start the client: {error}")))?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    result
}

/// Whose gateway answers, when it should be this profile's own and is not.
pub(super) fn stranger(
    target: &Target,
    state_dir: Option<&str>,
    profile: &ResolvedProfile,
) -> Option<String> {
    let theirs = state_dir.map(Path::new).filter(|_| target.is_own())?;
    let ours = &profile.paths.state_dir;
    let same = theirs == ours
        || matches!((theirs.canonicalize(), ours.canonicalize()), (Ok(theirs), Ok(ours)) if theirs == ours);
    (!same).then(|| owner(theirs))
}

/// Names the profile that a state directory belongs to, as far as its name tells.
fn owner(state_dir: &Path) -> String {
    let name = state_dir.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let directory = state_dir.display();
    match name.strip_prefix(".clawdbot") {
        Some("") => format!("the default profile ({directory})"),
        Some(rest) => match rest.strip_prefix('-') {
            Some(profile) => format!("profile {profile} ({directory})"),
            None => format!("another profile ({directory})"),
        },
        None => format!("another profile ({directory})"),
    }
}

// === impl Context ===

impl Context<'_> {
    /// Whether the gateway that answers is the profile's own. With a named profile another one's is a failure.
    fn check_owner(&self, state_dir: Option<&str>, printer: &Printer) -> Result<(), ExpectedError> {
        let Some(theirs) = stranger(self.target, state_dir, self.profile) else { return Ok(()) };
        let url = &self.target.url;
        let whose = format!("the gateway at {url} belongs to {theirs}");
        if !self.profile.explicit {
            printer.error(&format!("Note: {whose}."));
            return Ok(());
        }
        Err(ExpectedError::Failed(format!(
            "{}Error: {whose}, not to {}.\nFix: start this profile's gateway with: {}\n     or ask the other one with: --url {url}",
            self.failure,
            owner(&self.profile.paths.state_dir),
            self.profile.paths.start_command(),
        )))
    }

    /// A failure with everything that helps to understand it.
    fn expected(&self, error: &ClientError) -> ExpectedError {
        let text = self.describe(error);
        match error {
            ClientError::Url { .. } | ClientError::Trust(TrustError::NeedsTls) => ExpectedError::Usage(text),
            error if error.is_unreachable() => ExpectedError::Unreachable(text),
            _ => ExpectedError::Failed(text),
        }
    }

    /// The published client's lines, then cause and fix, then how the gateway was looked for.
    fn describe(&self, error: &ClientError) -> String {
        let mut lines = Vec::new();
        if let ClientError::Refused { error: Some(answer), .. } = error {
            lines.push(format!("gateway connect failed: Error: {answer}"));
        }
        lines.push(format!("{}Error: {error}", self.failure));
        lines.extend(hint(error).map(|hint| format!("Fix: {hint}")));
        if let ClientError::Trust(error) = error {
            lines.extend(trust::advice(error));
        }
        if let ClientError::Unreachable { cause } = error {
            lines.push(format!("Cause: {cause}"));
            if self.target.is_own() {
                lines.push(format!("Fix: start it with: {}", self.profile.paths.start_command()));
            }
        }
        if !matches!(error, ClientError::Rpc(_) | ClientError::Identity(_)) {
            lines.extend(self.connection_details());
        }
        lines.join("\n")
    }

    /// The published block about how the target was found.
    fn connection_details(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Gateway target: {}", self.target.url),
            format!("Source: {}", self.target.source),
            format!("Config: {}", self.profile.paths.config_path.display()),
        ];
        if self.target.is_own() {
            let bind = serde_json::to_value(self.bind).unwrap_or_default();
            lines.extend(bind.as_str().map(|bind| format!("Bind: {bind}")));
        }
        lines
    }
}

/// Why it failed in a few words, for a screen that says the rest.
pub(super) fn brief(error: &ClientError) -> String {
    match error {
        ClientError::Unreachable { cause } => cause.clone(),
        ClientError::Refused { error: Some(answer), .. } => answer.message.clone(),
        ClientError::Timeout(limit) => format!("no answer within {}ms", limit.as_millis()),
        error => error.to_string(),
    }
}

/// What the gateway says would help.
pub(super) fn hint(error: &ClientError) -> Option<&str> {
    let answer = match error {
        ClientError::Refused { error, .. } => error.as_ref()?,
        ClientError::Rpc(answer) => answer,
        _ => return None,
    };
    answer.details.as_ref()?.get("hint")?.as_str()
}

#[cfg(test)]
mod tests;
