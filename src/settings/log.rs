//! What is logged, where, and in which form.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ledger::{Choice, Ledger, Source, Sourced, flag, written};
use super::{AuthSettings, RunFlags, Secret};
use crate::config::schema::{ConsoleStyle, LogLevel, Redaction};
use crate::config::{Config, is_secret_key};
use crate::profile::{EnvMap, ProfilePaths, normalise};

/// Shorter values of the environment are no secrets, whatever their name.
const SHORTEST_INHERITED: usize = 8;

/// The subsystem of agent runs by way of Claude CLI, as the published program calls it.
const CLAUDE_CLI: &str = "agent/claude-cli";

/// Which WebSocket traffic is logged (`--ws-log`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WsLog {
    /// Requests that failed or were slow; the others for whoever wants every step.
    #[default]
    Auto,
    /// Every request and every frame.
    Full,
    /// Every request.
    Compact,
}

/// What is behind standard error. Part of the flags, because a generation of the harness cannot see for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Console {
    /// Whether a person reads it on a terminal.
    pub is_terminal: bool,
    /// Whether colours are allowed.
    pub colours: bool,
}

/// The log as resolved.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// The log file, absolute.
    pub file: PathBuf,
    /// How much goes to the file.
    pub level: LogLevel,
    /// How much goes to the terminal besides the lines for people.
    pub console_level: LogLevel,
    /// The only subsystem that the terminal shows; `None` for all.
    pub console_subsystem: Option<&'static str>,
    /// Form of the lines on the terminal.
    pub console_style: ConsoleStyle,
    /// Whether they may be coloured.
    pub colours: bool,
    /// Which WebSocket traffic is logged.
    pub ws: WsLog,
    /// Regular expressions of what is redacted besides what looks like a key.
    pub patterns: Vec<String>,
    /// What must never be logged, by value.
    pub secrets: Vec<Secret>,
}

/// Resolves the log. `--log-level` is about both file and terminal, `--verbose` about the terminal alone.
pub(super) fn resolve(
    flags: &RunFlags,
    env: &EnvMap,
    paths: &ProfilePaths,
    config: &Config,
    auth: &AuthSettings,
    ledger: &mut Ledger,
) -> LogSettings {
    let logging = &config.logging;
    let level =
        |key: &str, value: Option<LogLevel>| flag("--log-level", flags.log_level).or_config(key, value);
    let console_level = level("logging.consoleLevel", logging.console_level).or_default(LogLevel::Warn);
    let console_level = if flags.verbose && console_level.value < LogLevel::Debug {
        Sourced { value: LogLevel::Debug, source: Source::Flag("--verbose") }
    } else {
        console_level
    };
    let style = written("logging.consoleStyle", logging.console_style);
    let style = if flags.console.is_terminal {
        style.or_derived("standard error is a terminal", ConsoleStyle::Pretty)
    } else {
        style.or_derived("standard error is no terminal", ConsoleStyle::Compact)
    };
    LogSettings {
        file: ledger.note("logging.file", file(config, paths).or_default(paths.log_file.clone())),
        level: ledger.note("logging.level", level("logging.level", logging.level).or_default(LogLevel::Info)),
        console_level: ledger.note("logging.consoleLevel", console_level),
        console_subsystem: ledger.note_optional(
            "subsystem shown",
            flag("--claude-cli-logs", flags.claude_cli_logs.then_some(CLAUDE_CLI)),
        ),
        console_style: ledger.note("logging.consoleStyle", style),
        colours: flags.console.colours,
        ws: ledger.note("WebSocket log", flag("--ws-log", flags.ws_log).or_default(WsLog::default())),
        patterns: match logging.redact_sensitive {
            Some(Redaction::Off) => Vec::new(),
            Some(Redaction::Tools) | None => logging.redact_patterns.clone(),
        },
        secrets: secrets(env, config, auth),
    }
}

/// The log file of a gateway with this configuration.
pub fn log_file(config: &Config, paths: &ProfilePaths) -> PathBuf {
    file(config, paths).or_default(paths.log_file.clone()).value
}

/// `logging.file`; a relative path starts at the configuration file.
fn file(config: &Config, paths: &ProfilePaths) -> Choice<PathBuf> {
    let text = config.logging.file.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let path = text.and_then(|text| normalise(text, &paths.home, paths.config_path.parent()));
    written("logging.file", path)
}

/// The secrets of this gateway, and what the environment holds under a name that says so.
fn secrets(env: &EnvMap, config: &Config, auth: &AuthSettings) -> Vec<Secret> {
    let remote = &config.gateway.remote;
    let own = [&auth.token, &auth.password, &remote.token, &remote.password, &config.hooks.token];
    // A variable that names a file is no secret (`PASSWORD_STORE_DIR`), and neither is a switch.
    let is_secret = |value: &str| value.len() >= SHORTEST_INHERITED && !value.starts_with('/');
    let inherited = env.iter().filter(|(name, value)| is_secret_key(name) && is_secret(value));
    let mut secrets: Vec<Secret> = own.into_iter().flatten().cloned().collect();
    secrets.extend(inherited.map(|(_, value)| Secret::new(value)));
    secrets
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::profile::{self, ProfileRequest};

    fn run(flags: &RunFlags, env: &EnvMap, document: &Value) -> LogSettings {
        let home = Some(PathBuf::from("/home/you"));
        let paths = profile::resolve(&ProfileRequest::default(), &EnvMap::default(), home).unwrap().paths;
        let config = Config::from_resolved(document);
        let auth = AuthSettings { token: config.gateway.auth.token.clone(), ..AuthSettings::default() };
        resolve(flags, env, &paths, &config, &auth, &mut Ledger::default())
    }

    #[track_caller]
    fn check_levels(flags: &RunFlags, logging: &Value, file: LogLevel, console: LogLevel) {
        let found = run(flags, &EnvMap::default(), &json!({ "logging": logging }));
        assert_eq!((found.level, found.console_level), (file, console), "{flags:?} {logging}");
    }

    #[test]
    fn levels_of_file_and_terminal() {
        use LogLevel::{Debug, Error, Fatal, Info, Silent, Trace, Warn};

        let none = RunFlags::default();
        let verbose = RunFlags { verbose: true, ..RunFlags::default() };
        let level = |level| RunFlags { log_level: Some(level), ..RunFlags::default() };
        let both = json!({ "level": "error", "consoleLevel": "fatal" });
        check_levels(&none, &json!({}), Info, Warn);
        check_levels(&none, &both, Error, Fatal);
        check_levels(&none, &json!({ "level": "silent" }), Silent, Warn);
        check_levels(&level(Debug), &both, Debug, Debug);
        check_levels(&level(Silent), &json!({}), Silent, Silent);
        check_levels(&verbose, &both, Error, Debug);
        check_levels(&verbose, &json!({ "consoleLevel": "trace" }), Info, Trace);
        check_levels(&RunFlags { verbose: true, ..level(Silent) }, &json!({}), Silent, Debug);
    }

    #[test]
    fn where_the_file_is() {
        for (written, expected) in [
            (json!("/var/log/clawdbot.log"), "/var/log/clawdbot.log"),
            (json!("~/logs/here.log"), "/home/you/logs/here.log"),
            (json!("here.log"), "/home/you/.clawdbot/here.log"),
            (json!(" "), "/home/you/.clawdbot/logs/gateway.log"),
            (Value::Null, "/home/you/.clawdbot/logs/gateway.log"),
        ] {
            let found =
                run(&RunFlags::default(), &EnvMap::default(), &json!({ "logging": { "file": written } }));
            assert_eq!(found.file, Path::new(expected), "{written}");
        }
    }

    #[test]
    fn the_style_follows_the_terminal_unless_it_is_configured() {
        let console = Console { is_terminal: true, colours: false };
        let terminal = RunFlags { console, ..RunFlags::default() };
        let style = |flags: &RunFlags, logging: Value| {
            run(flags, &EnvMap::default(), &json!({ "logging": logging })).console_style
        };
        assert_eq!(style(&terminal, json!({})), ConsoleStyle::Pretty);
        assert_eq!(style(&RunFlags::default(), json!({})), ConsoleStyle::Compact);
        assert_eq!(style(&terminal, json!({ "consoleStyle": "json" })), ConsoleStyle::Json);
        assert_eq!(style(&RunFlags::default(), json!({ "consoleStyle": "pretty" })), ConsoleStyle::Pretty);
    }

    #[test]
    fn what_is_redacted() {
        let env = EnvMap::from([
            ("OPENAI_API_KEY", "from-env"),
            ("PASS_DIR_TOKEN", "/a/path"),
            ("X_TOKEN", "yes"),
            ("LANG", "C"),
        ]);
        let document = json!({
            "gateway": { "auth": { "token": "own" }, "remote": { "password": "theirs" } },
            "hooks": { "token": "hook" },
            "logging": { "redactPatterns": ["x+"] },
        });
        let found = run(&RunFlags::default(), &env, &document);
        let secrets: Vec<&str> = found.secrets.iter().map(Secret::expose).collect();
        assert_eq!(secrets, ["own", "theirs", "hook", "from-env"]);
        assert_eq!(found.patterns, ["x+"]);
        let off = json!({ "logging": { "redactPatterns": ["x+"], "redactSensitive": "off" } });
        assert!(run(&RunFlags::default(), &env, &off).patterns.is_empty());
    }
}
